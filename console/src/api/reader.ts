/** The text of an event stream, as messages. */

import { parse } from "./json";

export type Message = { type: string; id?: string; document: Record<string, unknown> };

/** Takes a stream apart as it arrives, however it is cut. */
export class Reader {
  #rest = "";

  push(chunk: string): Message[] {
    const blocks = (this.#rest + chunk).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    return blocks.flatMap((block) => messageOf(block) ?? []);
  }
}

function messageOf(block: string): Message | undefined {
  const fields: Record<string, string> = {};
  for (const line of block.split("\n")) {
    const [, name, value] = /^(\w+): ?(.*)$/s.exec(line) ?? [];
    if (name) fields[name] = value ?? "";
  }
  if (fields.data === undefined) return undefined;
  return { type: fields.event ?? "message", id: fields.id, document: parse(fields.data) as Record<string, unknown> };
}
