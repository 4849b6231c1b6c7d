import { expect, test } from "vitest";
import { diff, shortened } from "./diff";

const written = (before: unknown, after: unknown): string[] => diff(before, after).lines.filter((line) => line.sign !== " ").map((line) => line.sign + line.text.trim());

test("what did not change is no difference", () => {
  expect(diff({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toMatchObject({ added: 0, removed: 0 });
});

test("a field that was added at the end does not touch the one before it", () => {
  expect(written({ a: 1 }, { a: 1, b: { c: 2 } })).toEqual(['+"b": {', '+"c": 2', "+}"]);
});

test("a changed value is the old one out and the new one in", () => {
  expect(written({ a: 1, b: 2, c: 3 }, { a: 1, b: 5, c: 3 })).toEqual(['-"b": 2', '+"b": 5']);
});

test("whole numbers beyond 2^53 are compared as they are", () => {
  expect(written({ n: 12345678901234567890n }, { n: 12345678901234567891n })).toHaveLength(2);
});

test("a part that is cut out of a value is the same lines", () => {
  const lines = Array.from({ length: 900 }, (_, index) => ({ sku: `s${index}` }));
  expect(diff({ lines }, lines)).toMatchObject({ added: 1, removed: 3 });
});

test("far from a change lines are left out", () => {
  const before = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k${index}`, index]));
  const shown = shortened(diff(before, { ...before, k20: "new" }).lines);
  expect(shown.filter((line) => line === undefined)).toHaveLength(2);
  expect(shown.length).toBeLessThan(10);
});
