/** What the address selects in a run: a visit by its number, a place of the graph, or an event. Pure. */

import type { EngineEvent } from "./events";
import type { Run, Visit } from "./run";
import { firstToShow, type Scope, visitsAt } from "./select";

export interface Selection { visit?: Visit; place?: string; event?: EngineEvent }

export function selectionOf(run: Run, query: URLSearchParams, scope: Scope): Selection {
  const number = query.get("visit");
  const visit = number === null ? undefined : run.visits[Number(number)];
  if (visit) return { visit, place: visit.place };
  const place = query.get("place") ?? undefined;
  if (place) return { place, visit: firstToShow(visitsAt(run, place, scope)) };
  const seq = query.get("event");
  return seq === null ? {} : { event: run.events[Number(seq) - 1] };
}
