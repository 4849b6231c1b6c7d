import { expect, test } from "vitest";
import type { EngineEvent } from "./events";
import { apply, newRun } from "./run";
import { barsOf, firstToShow, statusAt, visitsAt } from "./select";

const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, "0")}.000Z`;

function mapRun() {
  const run = newRun();
  const events: Partial<EngineEvent>[] = [
    { type: "NodeEntered", node: "M", kind: "map", at: at(0) },
    { type: "NodeEntered", node: "A", path: ["M", 0], kind: "task", at: at(0) },
    { type: "TaskScheduled", node: "A", path: ["M", 0], attempt: 1, at: at(0) },
    { type: "TaskFailed", node: "A", path: ["M", 0], at: at(1) },
    { type: "TaskScheduled", node: "A", path: ["M", 0], attempt: 2, at: at(3) },
    { type: "NodeEntered", node: "A", path: ["M", 1], kind: "task", at: at(1) },
    { type: "NodeFailed", node: "A", path: ["M", 1], kind: "task", at: at(2) },
  ];
  apply(run, events.map((event, index) => ({ id: "", seq: index + 1, ...event }) as EngineEvent));
  return run;
}

test("an iteration that is chosen narrows a place to its visits", () => {
  const run = mapRun();
  expect(statusAt(visitsAt(run, "M/*/A", new Map()))).toBe("failed");
  expect(statusAt(visitsAt(run, "M/*/A", new Map([["M", 0]])))).toBe("running");
  expect(firstToShow(visitsAt(run, "M/*/A", new Map()))!.path).toEqual(["M", 1]);
  expect(visitsAt(run, "M", new Map([["M", 0]]))).toHaveLength(1);
});

test("a visit's bar spans its attempts, what is open reaches to the end of the clock", () => {
  const bars = barsOf(mapRun().places.get("M/*/A")![0]!, Date.parse(at(0)), Date.parse(at(5)));
  expect(bars.map((bar) => [bar.from, bar.to, bar.status, bar.isAttempt])).toEqual([
    [0, 5000, "running", false],
    [0, 1000, "failed", true],
    [3000, 5000, "scheduled", true],
  ]);
});
