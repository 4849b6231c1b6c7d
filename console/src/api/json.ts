/** JSON as the user wrote it: whole numbers beyond 2^53 stay exact, secrets are hidden, a text can be laid out without being read. */

export type Json = unknown;

const LONG_NUMBER = /\d{16}/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const BIG = "\u0000big:";

/** Parse, keeping whole numbers that a double cannot hold as BigInt. */
export function parse(text: string): Json {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? JSON.stringify(BIG + token) : token,
  );
  return JSON.parse(marked, (_, value) => (typeof value === "string" && value.startsWith(BIG) ? BigInt(value.slice(BIG.length)) : value));
}

/** Write with an indent of two; BigInt as the number it is. */
export function stringify(value: Json, indent = 2): string {
  const big: string[] = [];
  const text = JSON.stringify(value, (_, one) => (typeof one === "bigint" ? `\u0000${big.push(one.toString()) - 1}\u0000` : one), indent);
  if (text === undefined || !big.length) return text ?? "";
  return text.replace(/"\\u0000(\d+)\\u0000"/g, (_, index) => big[Number(index)] ?? "");
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Lay out a JSON text with an indent of two, every string and number as it stands. `without`: top-level fields to leave out. */
export function format(text: string, without: readonly string[] = []): string {
  const tokens = text.match(TOKEN) ?? [];
  let out = "";
  let depth = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (depth === 1 && tokens[i + 1] === ":" && without.some((name) => JSON.stringify(name) === token)) {
      i = endOfValue(tokens, i + 2);
      if (tokens[i + 1] === ",") i++;
      continue;
    }
    if (token === "}" || token === "]") {
      depth--;
      const empty = out.endsWith("{") || out.endsWith("[");
      out = out.replace(/,$/, "") + (empty ? "" : newline(depth)) + token;
    } else {
      if (out.endsWith(",") || out.endsWith("{") || out.endsWith("[")) out += newline(depth);
      if (token === "{" || token === "[") depth++;
      out += token === ":" ? ": " : token;
    }
  }
  return out;
}

function endOfValue(tokens: readonly string[], start: number): number {
  let depth = 0;
  for (let i = start; i < tokens.length; i++) {
    if (tokens[i] === "{" || tokens[i] === "[") depth++;
    if (tokens[i] === "}" || tokens[i] === "]") depth--;
    if (depth === 0) return i;
  }
  return tokens.length;
}

const newline = (depth: number): string => "\n" + "  ".repeat(depth);

export const MASK = "***";
const ANYWHERE = [
  "password", "passwd", "passphrase", "secret", "token", "credential", "authorization", "apikey", "accesskey", "privatekey",
  "signingkey", "encryptionkey", "connectionstring",
];
const WORDS = new Set(["auth", "bearer", "cookie", "cookies", "cvc", "cvv", "jwt", "otp", "pass", "pin", "pwd", "ssn"]);

/** Hide what lies under keys that sound like secrets, as the server does in events. */
export function mask(value: Json): Json {
  if (Array.isArray(value)) return value.map(mask);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSensitive(key) && item !== null && typeof item !== "boolean" ? MASK : mask(item)]),
  );
}

/** Put back what was hidden wherever the mask still stands at the same place. */
export function unmask(edited: Json, original: Json): Json {
  if (edited === MASK) return original === undefined ? edited : original;
  if (Array.isArray(edited)) return edited.map((item, index) => unmask(item, Array.isArray(original) ? original[index] : undefined));
  if (!isObject(edited)) return edited;
  return Object.fromEntries(Object.entries(edited).map(([key, item]) => [key, unmask(item, isObject(original) ? original[key] : undefined)]));
}

export function isObject(value: Json): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSensitive(key: string): boolean {
  const letters = key.replace(/[^\p{L}\p{N}]/gu, "").toLowerCase();
  if (ANYWHERE.some((part) => letters.includes(part))) return true;
  return (key.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).some((word) => WORDS.has(word.toLowerCase()));
}
