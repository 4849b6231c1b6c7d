/**
 * A run as the page shows it, folded from the engine's events: visits of states with their attempts, the iterations of maps, the ways
 * taken. Pure but for `Run` itself, which `apply` changes in place, because a run may have ten thousand events; `version` tells.
 */

import { type Kind, part, placeOf } from "../graph/model";
import type { EngineEvent } from "./events";
import { type Attempt, isOpen, type Run, type RunStatus, type Visit, type VisitStatus, waitsForAnswer, way } from "./visit";

export * from "./visit";

export const newRun = (): Run => ({
  version: 0, status: "PENDING", redrives: 0, events: [], visits: [], places: new Map(), latest: new Map(), ways: new Set(),
});


/** Take in events, in order; those that were taken in already are passed over. */
export function apply(run: Run, events: readonly EngineEvent[]): void {
  for (const event of events) {
    if (event.seq <= (run.events.at(-1)?.seq ?? 0)) continue;
    run.events.push(event);
    if (event.type.startsWith("Execution")) applyToRun(run, event);
    else if (event.type === "NodeEntered") enter(run, event);
    else if (event.type.startsWith("Iteration")) iterate(run, event);
    else change(run, event);
  }
  run.version++;
}

function applyToRun(run: Run, event: EngineEvent): void {
  switch (event.type) {
    case "ExecutionStarted":
      Object.assign(run, { status: "RUNNING", startedAt: event.at, input: event.input });
      return;
    case "ExecutionRedriven":
      Object.assign(run, { status: "RUNNING", endedAt: undefined, failure: undefined, redrives: event.redrives ?? run.redrives + 1 });
      return;
  }
  const ends: Record<string, RunStatus> = {
    ExecutionSucceeded: "COMPLETED", ExecutionFailed: "FAILED", ExecutionTimedOut: "TIMED_OUT", ExecutionAborted: "CANCELLED",
  };
  run.status = ends[event.type] ?? run.status;
  run.endedAt = event.at;
  run.output = event.output;
  run.failure = event.failure;
  if (run.status !== "COMPLETED") for (const visit of run.visits) if (isOpen(visit)) end(visit, "aborted", event.at);
}

function enter(run: Run, event: EngineEvent): void {
  const path = event.path ?? [];
  const place = placeIn(run, path, event.node!);
  const visit: Visit = {
    number: run.visits.length, seq: event.seq, place, path, node: event.node!, title: event.title || event.node!, kind: event.kind as Kind,
    function: event.function, status: event.kind === "wait" ? "waiting" : "running", enteredAt: event.at, input: event.input,
    arguments: event.arguments, attempts: [], iterations: [],
  };
  run.visits.push(visit);
  run.latest.set(keyOf(path, visit.node), visit);
  const there = run.places.get(place);
  if (there) there.push(visit);
  else run.places.set(place, [visit]);
}

/** The visit an event is about: the last one of its node on its path. */
function visitOf(run: Run, path: readonly (string | number)[], node: string): Visit | undefined {
  return run.latest.get(keyOf(path, node));
}

const keyOf = (path: readonly (string | number)[], node: string): string => [...path, node].join("\u0000");

function change(run: Run, event: EngineEvent): void {
  const visit = visitOf(run, event.path ?? [], event.node ?? "");
  if (!visit) return;
  const attempt = visit.attempts.at(-1);
  switch (event.type) {
    case "NodeExited":
      Object.assign(visit, { output: event.output, result: event.result, assigned: event.assigned });
      leave(run, visit, "succeeded", event);
      break;
    case "NodeCaught":
      Object.assign(visit, { output: event.output, assigned: event.assigned, failure: event.failure });
      leave(run, visit, "caught", event);
      break;
    case "NodeFailed":
      visit.failure = event.failure;
      end(visit, "failed", event.at);
      break;
    case "NodeAborted":
      // What failed is also told of as aborted when its iteration or branch is closed.
      if (isOpen(visit)) end(visit, "aborted", event.at);
      break;
    case "EvaluationFailed":
      Object.assign(visit, { failure: event.failure, location: event.location });
      break;
    case "RetryScheduled":
      visit.status = "retrying";
      visit.failure = event.failure;
      if (attempt) Object.assign(attempt, { failure: event.failure, retryAt: event.retry_at, endedAt: attempt.endedAt ?? event.at });
      break;
    case "TaskScheduled":
      schedule(visit, event);
      break;
    case "MapStarted":
      visit.iterations = Array.from({ length: event.length ?? 0 }, (_, index) => ({ index, status: "waiting" as const }));
      reopen(visit);
      break;
    case "ParallelStarted":
      reopen(visit);
      break;
    case "MapRunStarted":
    case "MapRunRedriven":
      reopen(visit);
      Object.assign(visit, { mapRun: event.run, iterations: [] });
      break;
    default:
      if (attempt) work(attempt, event);
      if (attempt && event.type === "TaskSubmitted" && waitsForAnswer(attempt)) visit.status = "waiting";
  }
}

function schedule(visit: Visit, event: EngineEvent): void {
  reopen(visit);
  visit.attempts.push({
    number: event.attempt ?? visit.attempts.length + 1, status: "scheduled", scheduledAt: event.at, resource: event.resource ?? "",
    arguments: event.arguments,
  });
}

function work(attempt: Attempt, event: EngineEvent): void {
  if (event.logs) attempt.logs = event.logs;
  switch (event.type) {
    case "TaskStarted":
      Object.assign(attempt, { status: "running", startedAt: event.started_at ?? event.at, worker: event.worker });
      break;
    case "TaskSubmitted":
      Object.assign(attempt, { status: "submitted", result: event.output });
      break;
    case "TaskSucceeded":
      Object.assign(attempt, { status: "succeeded", endedAt: event.at, result: event.result });
      break;
    case "TaskFailed":
      Object.assign(attempt, { status: "failed", endedAt: event.at, failure: event.failure });
      break;
    case "TaskTimedOut":
      Object.assign(attempt, { status: "timed out", endedAt: event.at, failure: event.failure });
      break;
  }
}

/** A retry or a redrive goes on with a visit that had failed. */
function reopen(visit: Visit): void {
  visit.status = "running";
  visit.endedAt = undefined;
  visit.failure = undefined;
}

function leave(run: Run, visit: Visit, status: VisitStatus, event: EngineEvent): void {
  end(visit, status, event.at);
  visit.next = event.next;
  if (event.next) run.ways.add(way(visit.place, placeIn(run, visit.path, event.next)));
}

function end(visit: Visit, status: VisitStatus, at: string): void {
  visit.status = status;
  visit.endedAt = at;
}

const ITERATION: Record<string, VisitStatus> = {
  IterationStarted: "running", IterationSucceeded: "succeeded", IterationFailed: "failed", IterationAborted: "aborted",
};

/** The path of an iteration's events leads into it; the map is what the path leads through last. */
function iterate(run: Run, event: EngineEvent): void {
  const map = visitOf(run, (event.path ?? []).slice(0, -2), event.node ?? "");
  if (!map || event.index === undefined) return;
  const iteration = (map.iterations[event.index] ??= { index: event.index, status: "waiting" });
  iteration.status = ITERATION[event.type] ?? iteration.status;
  if (event.type === "IterationStarted") Object.assign(iteration, { startedAt: event.at, endedAt: undefined });
  else iteration.endedAt = event.at;
}

function placeIn(run: Run, path: readonly (string | number)[], node: string): string {
  return placeOf(path, node, (place) => run.places.get(place)?.[0]?.kind === "map");
}

/** The place of a map's own box, from the path that leads into it. */
export const boxOf = (visit: Visit): string => visit.place.slice(0, visit.place.length - part(visit.node).length);
