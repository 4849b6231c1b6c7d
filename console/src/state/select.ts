/** What of a run is looked at: a visit, a place in the graph, and which iteration of each map. Pure. */

import { isOpen, type Run, type Visit, type VisitStatus } from "./run";

/** Chosen iterations by the place of their map. */
export type Scope = ReadonlyMap<string, number>;

const RANK: VisitStatus[] = ["failed", "running", "retrying", "waiting", "caught", "aborted", "succeeded"];

/** The visits of a place within the chosen iterations, first to last. */
export function visitsAt(run: Run, place: string, scope: Scope): Visit[] {
  const there = run.places.get(place) ?? [];
  return scope.size ? there.filter((visit) => isWithin(visit, scope)) : there;
}

/** Whether a visit belongs to the chosen iterations. */
export function isWithin(visit: Visit, scope: Scope): boolean {
  let place = "";
  const parts = visit.place.split("/");
  for (let i = 0; i + 1 < visit.path.length; i += 2) {
    place += parts[i]!;
    const chosen = scope.get(place);
    if (chosen !== undefined && visit.path[i + 1] !== chosen) return false;
    place += `/${parts[i + 1]}/`;
  }
  return true;
}

/** How a place stands as a whole: its only or last visit; of many items at once, the most urgent. */
export function statusAt(visits: readonly Visit[]): VisitStatus | undefined {
  if (!visits.length) return undefined;
  const paths = new Map(visits.map((visit) => [visit.path.join("/"), visit.status]));
  const found = new Set(paths.values());
  return RANK.find((status) => found.has(status));
}

/** The visit to show first: one that failed, else one at work, else the last. */
export function firstToShow(visits: readonly Visit[]): Visit | undefined {
  return visits.find((visit) => visit.status === "failed") ?? visits.find(isOpen) ?? visits.at(-1);
}

export interface Tally { done: number; failed: number; open: number; total: number }

export function tally(items: readonly { status: VisitStatus }[]): Tally {
  const count = (...statuses: VisitStatus[]): number => items.filter((item) => statuses.includes(item.status)).length;
  return { done: count("succeeded", "caught"), failed: count("failed"), open: count("running", "retrying"), total: items.length };
}

/** Parts of a state's time on the clock of the run, in milliseconds from its start. */
export interface Bar { from: number; to: number; status: string; isAttempt: boolean; waits: boolean }

export function barsOf(visit: Visit, start: number, end: number): Bar[] {
  const at = (text: string | undefined): number => (text ? Date.parse(text) : end) - start;
  const whole: Bar = { from: at(visit.enteredAt), to: at(visit.endedAt), status: visit.status, isAttempt: false, waits: visit.kind === "wait" };
  const attempts = visit.attempts.flatMap((attempt): Bar[] => {
    const ended = attempt.endedAt ?? visit.endedAt;
    return [{ from: at(attempt.startedAt ?? attempt.scheduledAt), to: at(ended), status: attempt.status, isAttempt: true, waits: attempt.status === "submitted" }];
  });
  return [whole, ...attempts];
}
