/** The four views of a run. Whatever is selected in one is selected in all. */

import { Graph, type Mark } from "../graph/graph";
import { START } from "../graph/drawing";
import type { Body, Node } from "../graph/model";
import { Gantt } from "../parts/gantt";
import { History } from "../parts/history";
import { Icon } from "../parts/icons";
import { Status } from "../parts/status";
import { Duration, Time } from "../parts/time";
import { Virtual } from "../parts/virtual";
import { place, setQuery } from "../router";
import { type Run, type Visit, way } from "../state/run";
import { type Scope, statusAt, tally, visitsAt } from "../state/select";
import { selectionOf } from "../state/selection";

export function RunView({ view, run, body, scope }: { view: string; run: Run; body: Body; scope: Scope }) {
  const { visit, place: selected, event } = selectionOf(run, place.value.query, scope);
  const visits = scope.size ? run.visits.filter((one) => visitsAt(run, one.place, scope).includes(one)) : run.visits;
  const select = (one: Visit): void => setQuery({ visit: String(one.number), place: undefined, event: undefined });
  switch (view) {
    case "timeline":
      return <Gantt run={run} visits={visits} selected={visit} onSelect={select} />;
    case "states":
      return <States visits={visits} selected={visit} onSelect={select} />;
    case "history":
      return <History events={run.events} selected={event?.seq} onSelect={(one) => setQuery({ event: String(one.seq), visit: undefined, place: undefined })} />;
    default:
      return (
        <Graph
          body={body}
          markOf={(node) => markOf(node, run, scope)}
          isTaken={(from, to) => run.ways.has(way(from, to)) || (from === START && run.places.has(to))}
          selected={selected}
          onSelect={(node) => setQuery({ place: node?.id, visit: undefined, event: undefined })}
        />
      );
  }
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
      head={head}
      row={(visit) => (
        <button key={visit.number} class={`history-row states-row${visit === selected ? " selected" : ""}`} onClick={() => onSelect(visit)}>
          <span class="row clip">
            <Icon name={visit.kind} size={13} />
            <span class="clip">{visit.title}</span>
            {visit.path.length > 0 && <span class="muted mono">{visit.path.join(".")}</span>}
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
