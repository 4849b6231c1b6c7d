import { expect, test } from "vitest";
import { baseOf, titleOf } from "./stages";

const STAGES = ["input", "afterInputPath", "afterParameters", "result", "afterResultSelector", "afterResultPath", "output", "variables"].map((name) => ({ name, value: name }));
const baseNamed = (name: string): string | undefined => baseOf(STAGES, STAGES.findIndex((one) => one.name === name))?.name;

test("a stage is called as the field that makes it", () => {
  expect(STAGES.map(titleOf)).toEqual(["Input", "InputPath", "Parameters", "Result", "ResultSelector", "ResultPath", "Output", "Variables"]);
});

test("a stage is compared with what it was made from", () => {
  expect(baseNamed("afterParameters")).toBe("afterInputPath");
  expect(baseNamed("result")).toBeUndefined();
  expect(baseNamed("afterResultSelector")).toBe("result");
  expect(baseNamed("afterResultPath")).toBe("input");
  expect(baseNamed("output")).toBe("afterResultPath");
});

test("where the stage before is not known there is nothing to compare with", () => {
  expect(baseOf([{ name: "result", unavailable: "too long ago" }, { name: "output", value: 1 }], 1)).toBeUndefined();
});
