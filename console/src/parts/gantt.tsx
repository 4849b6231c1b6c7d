/** When each state ran: a bar for the state, thin ones for its attempts, hatched where it only waits. */

import type { Run, Visit } from "../state/run";
import { hasEnded } from "../state/run";
import { barsOf } from "../state/select";
import { Icon } from "./icons";
import { lookOf, toneOf } from "./status";
import { now, span } from "./time";
import { Virtual } from "./virtual";

type Props = { run: Run; visits: readonly Visit[]; selected: Visit | undefined; onSelect: (visit: Visit) => void };

const ROW = 28;

export function Gantt({ run, visits, selected, onSelect }: Props) {
  const start = Date.parse(run.startedAt ?? "") || now.value;
  const end = run.endedAt && hasEnded(run.status) ? Date.parse(run.endedAt) : Math.max(now.value, start);
  const length = Math.max(1, end - start);
  const percent = (ms: number): string => `${Math.min(100, Math.max(0, (ms / length) * 100))}%`;
  const axis = (
    <div class="gantt-row gantt-axis">
      <span style={{ position: "static" }}>State</span>
      <div class="gantt-track">
        {[0, 0.25, 0.5, 0.75].map((part) => <span key={part} style={{ left: percent(part * length) }}>{span(part * length)}</span>)}
      </div>
      <span class="end" style={{ position: "static" }}>Took</span>
    </div>
  );
  return (
    <Virtual
      label="Timeline"
      items={visits}
      rowHeight={ROW}
      reveal={selected && visits.indexOf(selected)}
      head={axis}
      row={(visit) => (
        <button key={visit.number} class={`gantt-row${visit === selected ? " selected" : ""}`} onClick={() => onSelect(visit)}>
          <span class="row clip" style={{ paddingLeft: `${(visit.path.length / 2) * 12}px` }}>
            <Icon name={visit.kind} size={13} />
            <span class="clip">{visit.title}</span>
            {visit.path.length > 0 && <span class="muted mono">{visit.path.at(-1)}</span>}
          </span>
          <span class="gantt-track">
            {barsOf(visit, start, end).map((bar, index) => (
              <span key={index} class={`gantt-bar ${toneOf(bar.status)}${bar.isAttempt ? " attempt-bar" : ""}${bar.waits ? " waits" : ""}`} style={{ left: percent(bar.from), width: percent(bar.to - bar.from) }} title={`${lookOf(bar.status).word}, ${span(bar.to - bar.from)}`} />
            ))}
          </span>
          <span class="visually-hidden">{lookOf(visit.status).word}</span>
          <span class="number muted end">{span((visit.endedAt ? Date.parse(visit.endedAt) : end) - Date.parse(visit.enteredAt))}</span>
        </button>
      )}
    />
  );
}
