import { expect, test } from "vitest";
import { format, mask, parse, stringify, unmask } from "./json";

test("a long whole number survives reading and writing", () => {
  expect(stringify(parse('{"id":12345678901234567890,"n":1.5}'), 0)).toBe('{"id":12345678901234567890,"n":1.5}');
});

test("laying out keeps numbers and strings as they stand, and leaves out the fields named", () => {
  expect(format('{"id":"x","a":1.0,"b":[],"c":{"id":"{,}"},"d":[1,2]}', ["id"])).toBe(
    '{\n  "a": 1.0,\n  "b": [],\n  "c": {\n    "id": "{,}"\n  },\n  "d": [\n    1,\n    2\n  ]\n}',
  );
  expect(format('{"a":1,"id":"x"}', ["id"])).toBe('{\n  "a": 1\n}');
});

test("what sounds like a secret is hidden and comes back where it was not edited", () => {
  const real = { user: "ada", password: "p", nested: [{ apiKey: "k", author: "x" }] };
  const shown = mask(real) as typeof real;
  expect(shown).toEqual({ user: "ada", password: "***", nested: [{ apiKey: "***", author: "x" }] });
  expect(unmask({ ...shown, user: "bob" }, real)).toEqual({ ...real, user: "bob" });
});
