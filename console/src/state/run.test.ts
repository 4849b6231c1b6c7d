import { expect, test } from "vitest";
import type { EngineEvent } from "./events";
import { apply, newRun, way } from "./run";

let seq = 0;
const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, "0")}.000Z`;
const event = (type: string, second: number, more: Partial<EngineEvent> = {}): EngineEvent => ({ id: "x", type, seq: ++seq, at: at(second), ...more });
const fold = (...events: EngineEvent[]) => {
  const run = newRun();
  apply(run, events);
  return run;
};

test("a task that fails once and then succeeds has two attempts and a way to the next", () => {
  const run = fold(
    event("ExecutionStarted", 0, { input: { a: 1 } }),
    event("NodeEntered", 0, { node: "pay", title: "Pay", kind: "task", input: { a: 1 }, function: "charge" }),
    event("TaskScheduled", 0, { node: "pay", attempt: 1, resource: "charge" }),
    event("TaskStarted", 1, { node: "pay", started_at: at(0) }),
    event("TaskFailed", 1, { node: "pay", failure: { error: "Busy" } }),
    event("RetryScheduled", 1, { node: "pay", attempt: 1, retry_at: at(3), failure: { error: "Busy" } }),
    event("TaskScheduled", 3, { node: "pay", attempt: 2, resource: "charge" }),
    event("TaskSucceeded", 4, { node: "pay", result: 7 }),
    event("NodeExited", 4, { node: "pay", kind: "task", output: { paid: 7 }, result: 7, next: "ship" }),
  );
  expect(run.visits).toHaveLength(1);
  expect(run.visits[0]).toMatchObject({ place: "pay", title: "Pay", status: "succeeded", output: { paid: 7 }, next: "ship", failure: undefined });
  expect(run.visits[0]!.attempts.map((one) => [one.number, one.status, one.failure?.error, one.retryAt])).toEqual([
    [1, "failed", "Busy", at(3)],
    [2, "succeeded", undefined, undefined],
  ]);
  expect([...run.ways]).toEqual([way("pay", "ship")]);
});

test("events of an iteration belong to its own visit, and the map's heat strip knows it", () => {
  const inner = (index: number) => ({ path: ["M", index], node: "A", kind: "pass" });
  const run = fold(
    event("NodeEntered", 0, { node: "M", kind: "map" }),
    event("MapStarted", 0, { node: "M", length: 3 }),
    event("IterationStarted", 0, { node: "M", path: ["M", 0], index: 0 }),
    event("NodeEntered", 0, inner(0)),
    event("IterationStarted", 0, { node: "M", path: ["M", 1], index: 1 }),
    event("NodeEntered", 0, inner(1)),
    event("NodeFailed", 1, { ...inner(1), failure: { error: "E" } }),
    event("IterationFailed", 1, { node: "M", path: ["M", 1], index: 1 }),
    event("NodeExited", 2, { ...inner(0), output: 1 }),
  );
  expect(run.places.get("M/*/A")!.map((visit) => visit.status)).toEqual(["succeeded", "failed"]);
  expect(run.visits[0]!.iterations.map((one) => one.status)).toEqual(["running", "failed", "waiting"]);
});

test("each round of a loop is a visit of its own", () => {
  const step = { node: "ask", kind: "task" };
  const run = fold(event("NodeEntered", 0, step), event("NodeExited", 1, step), event("NodeEntered", 2, step));
  expect(run.places.get("ask")!.map((visit) => visit.status)).toEqual(["succeeded", "running"]);
});

test("what runs when a run is cancelled was aborted; a redrive opens the run again", () => {
  const run = fold(
    event("ExecutionStarted", 0),
    event("NodeEntered", 0, { node: "A", kind: "task" }),
    event("ExecutionAborted", 1, { failure: { cause: "enough" } }),
  );
  expect([run.status, run.visits[0]!.status, run.failure?.cause]).toEqual(["CANCELLED", "aborted", "enough"]);
  apply(run, [event("ExecutionRedriven", 2, { redrives: 1 }), event("TaskScheduled", 2, { node: "A", attempt: 1 })]);
  expect([run.status, run.visits[0]!.status, run.failure, run.redrives]).toEqual(["RUNNING", "running", undefined, 1]);
});

test("what failed stays failed when its iteration is closed", () => {
  const run = fold(
    event("NodeEntered", 0, { node: "A", kind: "task" }),
    event("NodeFailed", 1, { node: "A", failure: { error: "E" } }),
    event("NodeAborted", 1, { node: "A" }),
  );
  expect(run.visits[0]!.status).toBe("failed");
});

test("events that come twice count once", () => {
  const first = event("ExecutionStarted", 0);
  const run = fold(first, first);
  apply(run, [first]);
  expect(run.events).toHaveLength(1);
});
