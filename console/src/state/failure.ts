/** What a failure says: its cause is a text, or the JSON that a Lambda gives, with the message and the user's own traceback. Pure. */

export interface Told { message: string; trace?: string }

export function told(cause: string | null | undefined): Told {
  const found = fieldsIn(cause ?? "");
  if (typeof found?.errorMessage !== "string") return { message: cause ?? "" };
  const trace = found.stackTrace ?? found.trace;
  return { message: found.errorMessage, trace: Array.isArray(trace) ? trace.join("") : trace === undefined ? undefined : String(trace) };
}

/** A run's error in one line: JSON at its end is shortened to the message in it. */
export function oneLine(error: string): string {
  const at = error.indexOf("{");
  const message = at < 0 ? undefined : fieldsIn(error.slice(at))?.errorMessage;
  return typeof message === "string" ? error.slice(0, at) + message : error;
}

function fieldsIn(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
