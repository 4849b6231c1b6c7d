import { expect, test } from "vitest";
import { Reader } from "./reader";

test("messages come out whole however the stream is cut, and comments do not", () => {
  const stream = 'retry: 2000\n\nid: 4\nevent: STEP_COMPLETED\ndata: {"a":"x: y"}\n\n: still here\n\nevent: B\ndata: {}\n\n';
  for (const size of [1, 7, 1000]) {
    const reader = new Reader();
    const found = [];
    for (let at = 0; at < stream.length; at += size) found.push(...reader.push(stream.slice(at, at + size)));
    expect(found).toEqual([
      { type: "STEP_COMPLETED", id: "4", document: { a: "x: y" } },
      { type: "B", id: undefined, document: {} },
    ]);
  }
});
