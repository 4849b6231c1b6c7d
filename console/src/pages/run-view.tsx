/** The four views of a run. Whatever is selected in one is selected in all. */

import { effect, signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Graph, type Mark } from "../graph/graph";
import { START } from "../graph/drawing";
import type { Body, Node } from "../graph/model";
import { Gantt } from "../parts/gantt";
import { History } from "../parts/history";
import { Icon } from "../parts/icons";
import { useKey } from "../parts/shortcuts";
import { Status } from "../parts/status";
import { Duration, Time } from "../parts/time";
import { Virtual } from "../parts/virtual";
import { place, setQuery } from "../router";
import { type Run, type Visit, way } from "../state/run";
import type { EngineEvent } from "../state/events";
import { inTreeOrder } from "../state/tree";
import { isWithin, type Scope, statusAt, tally, visitsAt } from "../state/select";
import { selectionOf } from "../state/selection";

const DOCKED = "conductor.docked";
/** From this height on there is room for the timeline below the graph. */
const TALL = 880;
/** Whether the timeline stands below the graph; kept. */
const isDocked = signal((localStorage.getItem(DOCKED) ?? String(innerHeight >= TALL)) === "true");
effect(() => localStorage.setItem(DOCKED, String(isDocked.value)));

export function RunView({ view, run, body, scope }: { view: string; run: Run; body: Body; scope: Scope }) {
  const { visit, place: selected, event } = selectionOf(run, place.value.query, scope);
  const visits = useMemo(() => inTreeOrder(scope.size ? run.visits.filter((one) => isWithin(one, scope)) : run.visits), [run, scope]);
  const select = (one: Visit): void => setQuery({ visit: String(one.number), place: undefined, event: undefined });
  const selectEvent = (one: EngineEvent): void => setQuery({ event: String(one.seq), visit: undefined, place: undefined });
  const move = (step: number): void => {
    if (view === "history") return withNext(run.events, event, step, selectEvent);
    withNext(visits, visit, step, select);
  };
  useKey("j", () => move(1));
  useKey("k", () => move(-1));
  switch (view) {
    case "timeline":
      return <Gantt run={run} visits={visits} selected={visit} onSelect={select} />;
    case "states":
      return <States visits={visits} selected={visit} onSelect={select} />;
    case "history":
      return <History events={run.events} selected={event?.seq} onSelect={selectEvent} />;
    default:
      return (
        <>
          <Graph
            body={body}
            markOf={(node) => markOf(node, run, scope)}
            isTaken={(from, to) => run.ways.has(way(from, to)) || (from === START && run.places.has(to))}
            selected={selected}
            onSelect={(node) => setQuery({ place: node?.id, visit: undefined, event: undefined })}
            tools={<button class="button small dock-toggle" aria-pressed={isDocked.value} onClick={() => (isDocked.value = !isDocked.value)}>Timeline</button>}
          />
          {isDocked.value && <div class="dock"><Gantt run={run} visits={visits} selected={visit} onSelect={select} /></div>}
        </>
      );
  }
}

/** Select the next or the one before; the first when nothing is selected. */
function withNext<T>(all: readonly T[], one: T | undefined, step: number, select: (one: T) => void): void {
  const index = one === undefined ? 0 : all.indexOf(one) + step;
  const next = all[index];
  if (next !== undefined) select(next);
}

function markOf(node: Node, run: Run, scope: Scope): Mark {
  const visits = visitsAt(run, node.id, scope);
  const last = visits.at(-1);
  if (!last) return {};
  const attempts = last.attempts.length;
  const items = last.kind === "map" && last.iterations.length ? tally(last.iterations) : undefined;
  const text = items ? `${items.done + items.failed} / ${items.total}${items.failed ? ` · ${items.failed} failed` : ""}` : visits.length > 1 ? `${visits.length}×` : attempts > 1 ? `attempt ${attempts}` : undefined;
  return { status: statusAt(visits), text };
}

function States({ visits, selected, onSelect }: { visits: readonly Visit[]; selected?: Visit; onSelect: (visit: Visit) => void }) {
  const head = (
    <div class="history-row head states-row">
      <span>State</span>
      <span>Status</span>
      <span>Started</span>
      <span>Took</span>
      <span>Error or function</span>
    </div>
  );
  return (
    <Virtual
      label="States"
      items={visits}
      rowHeight={28}
      reveal={selected && visits.indexOf(selected)}
      head={head}
      row={(visit) => (
        <button key={visit.number} class={`history-row states-row${visit === selected ? " selected" : ""}`} onClick={() => onSelect(visit)}>
          <span class="row clip" style={{ paddingLeft: `${(visit.path.length / 2) * 12}px` }} title={visit.path.join(".")}>
            <Icon name={visit.kind} size={13} />
            <span class="clip">{visit.title}</span>
            {visit.path.length > 0 && <span class="muted mono">{visit.path.at(-1)}</span>}
          </span>
          <Status of={visit.status} />
          <Time at={visit.enteredAt} fine />
          <Duration from={visit.enteredAt} to={visit.endedAt} />
          <span class="clip muted">{visit.failure?.error ?? visit.function ?? visit.kind}{visit.attempts.length > 1 && `, ${visit.attempts.length} attempts`}</span>
        </button>
      )}
    />
  );
}
