/** What a run is made of, as the page shows it: visits of states, their attempts, the iterations of maps. Pure. */

import type { Json } from "../api/json";
import type { Kind } from "../graph/model";
import type { EngineEvent, Failure, LogLine } from "./events";

export type RunStatus = "PENDING" | "RUNNING" | "COMPLETED" | "FAILED" | "TIMED_OUT" | "CANCELLED";
export type VisitStatus = "running" | "retrying" | "waiting" | "succeeded" | "failed" | "caught" | "aborted";
export type AttemptStatus = "scheduled" | "running" | "submitted" | "succeeded" | "failed" | "timed out";

export interface Attempt {
  number: number;
  status: AttemptStatus;
  scheduledAt: string;
  startedAt?: string;
  endedAt?: string;
  retryAt?: string;
  resource: string;
  arguments?: Json;
  result?: Json;
  failure?: Failure;
  worker?: string;
  logs?: readonly LogLine[];
}

export interface Iteration { index: number; status: VisitStatus; startedAt?: string; endedAt?: string }

export interface Visit {
  /** Its number in the run, from 0; names it in addresses. */
  number: number;
  /** Of the event that entered the state. */
  seq: number;
  place: string;
  path: readonly (string | number)[];
  node: string;
  title: string;
  kind: Kind;
  function?: string;
  status: VisitStatus;
  enteredAt: string;
  endedAt?: string;
  input?: Json;
  arguments?: Json;
  output?: Json;
  result?: Json;
  assigned?: Record<string, Json>;
  failure?: Failure;
  /** Where in the state an expression failed. */
  location?: string;
  next?: string;
  attempts: Attempt[];
  iterations: Iteration[];
  /** The run of a distributed Map, whose items are runs of their own. */
  mapRun?: string;
}

export interface Run {
  version: number;
  status: RunStatus;
  startedAt?: string;
  endedAt?: string;
  input?: Json;
  output?: Json;
  failure?: Failure;
  redrives: number;
  events: EngineEvent[];
  visits: Visit[];
  /** Visits of one place, first to last. */
  places: Map<string, Visit[]>;
  /** The last visit of each node on each path. */
  latest: Map<string, Visit>;
  /** `from` and `to` of the ways taken, with a line end between them. */
  ways: Set<string>;
}

export const hasEnded = (status: string): boolean => status !== "PENDING" && status !== "RUNNING";
export const isOpen = (visit: { status: VisitStatus }): boolean => ["running", "retrying", "waiting"].includes(visit.status);
export const way = (from: string, to: string): string => `${from}\n${to}`;

/** Whether somebody outside ends the attempt: it has a token, or is a worker's. */
export const waitsForAnswer = (attempt: Attempt): boolean => /\.waitForTaskToken$|:activity:/.test(attempt.resource);
