import { expect, test } from "vitest";
import type { Visit } from "./run";
import { inTreeOrder } from "./tree";

const visit = (node: string, path: (string | number)[] = []): Visit => ({ node, path }) as unknown as Visit;
const names = (visits: Visit[]): string[] => inTreeOrder(visits).map((one) => [...one.path, one.node].join("."));

test("what happened in a box comes below it, branch by branch", () => {
  const visits = [visit("A"), visit("P"), visit("x", ["P", 0]), visit("y", ["P", 1]), visit("z", ["P", 0]), visit("B")];
  expect(names(visits)).toEqual(["A", "P", "P.0.x", "P.0.z", "P.1.y", "B"]);
});

test("a second visit of a box has its own children", () => {
  const visits = [visit("M"), visit("a", ["M", 0]), visit("M"), visit("a", ["M", 0])];
  const [first, , second] = visits;
  expect(inTreeOrder(visits).map((one) => (one === first ? 1 : one === second ? 2 : 0))).toEqual([1, 0, 2, 0]);
});

test("the children of what is not shown come all the same", () => {
  expect(names([visit("a", ["M", 3])])).toEqual(["M.3.a"]);
});
