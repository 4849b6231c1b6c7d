/** Every event of the engine, as it was stored. Only the rows in view are drawn. */

import { mask, stringify } from "../api/json";
import type { EngineEvent } from "../state/events";
import { Time } from "./time";
import { Virtual } from "./virtual";

type Props = { events: readonly EngineEvent[]; selected: number | undefined; onSelect: (event: EngineEvent) => void };

const KNOWN = new Set(["id", "instanceId", "type", "seq", "at", "history_id", "lifecycle_id", "cause", "frame", "path", "node", "title", "kind"]);
const CHARS_SHOWN = 240;

export function History({ events, selected, onSelect }: Props) {
  const head = (
    <div class="history-row head">
      <span>No.</span>
      <span>Time</span>
      <span>Event</span>
      <span>State</span>
      <span>What it says</span>
    </div>
  );
  return (
    <Virtual
      label="History"
      items={events}
      rowHeight={28}
      reveal={selected === undefined ? undefined : selected - 1}
      head={head}
      row={(event) => (
        <button key={event.seq} class={`history-row${event.seq === selected ? " selected" : ""}`} onClick={() => onSelect(event)}>
          <span class="number muted">{event.seq}</span>
          <Time at={event.at} fine />
          <span class={/Failed|TimedOut|Aborted/.test(event.type) ? "status tone-bad" : ""}>{event.type}</span>
          <span class="clip">
            {event.title || event.node}
            {event.path && <span class="muted mono">{` ${event.path.join(".")}`}</span>}
          </span>
          <code class="clip muted">{said(event)}</code>
        </button>
      )}
    />
  );
}

function said(event: EngineEvent): string {
  const rest = Object.entries(event).filter(([name]) => !KNOWN.has(name));
  return rest.length ? stringify(mask(Object.fromEntries(rest)), 0).slice(0, CHARS_SHOWN) : "";
}
