/** The live stream of what happens in all runs, with filters. The last events are kept, so that a page left open does not grow. */

import { useEffect, useState } from "preact/hooks";
import { mask, stringify } from "../api/json";
import { type FeedEvent, listen } from "../api/live";
import { Empty } from "../parts/states";
import { Time } from "../parts/time";
import { Virtual } from "../parts/virtual";
import { place, setQuery, to } from "../router";

const KEPT = 5_000;
const CHARS_SHOWN = 240;
const KINDS: Record<string, string> = { workflow: "Runs", step: "Steps", failed: "Failures" };
const KNOWN = new Set(["id", "seq", "type", "instanceId", "startedAt", "endedAt", "stepId", "stepName", "path", "workflowName", "workflowDefinitionId"]);

export function EventsPage() {
  const [events, setEvents] = useState<readonly FeedEvent[]>([]);
  const [isPaused, setPaused] = useState(false);
  const kind = place.value.query.get("kind") ?? "";
  const text = place.value.query.get("text") ?? "";
  useEffect(() => (isPaused ? undefined : listen((more) => setEvents((old) => [...old, ...more].slice(-KEPT)))), [isPaused]);
  const shown = events.filter((event) => isOfKind(event, kind) && (!text || stringify(event, 0).toLowerCase().includes(text.toLowerCase())));
  return (
    <div class="page full">
      <div class="page-head">
        <div class="title">
          <h1>Events</h1>
          <p class="muted">Since this page was opened: {events.length.toLocaleString()}</p>
        </div>
        <div class="actions">
          {Object.entries(KINDS).map(([name, words]) => (
            <button key={name} class="chip" aria-pressed={kind === name} onClick={() => setQuery({ kind: kind === name ? undefined : name })}>{words}</button>
          ))}
          <input class="field" type="search" placeholder="Text  /" aria-label="Search events" value={text} onInput={(event) => setQuery({ text: event.currentTarget.value })} />
          <button class="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>{isPaused ? "Go on" : "Pause"}</button>
          <button class="button" disabled={!events.length} onClick={() => setEvents([])}>Clear</button>
        </div>
      </div>
      {shown.length > 0 && (
        <div class="card feed split-main grow" style={{ marginBottom: "20px" }}>
          <Virtual label="Events" items={shown} rowHeight={28} followEnd={!isPaused} row={(event, index) => <Row key={`${event.id} ${index}`} event={event} />} />
        </div>
      )}
      {!shown.length && (
        <Empty title={events.length ? "No event is like this" : "Nothing has happened since you came here"} commands={["conductor trigger sample-user-signup", `curl -N '${location.origin}/workflows/events?follow=true'`]}>
          <p>Start something, or follow the same stream from a terminal:</p>
        </Empty>
      )}
    </div>
  );
}

function Row({ event }: { event: FeedEvent }) {
  const rest = Object.fromEntries(Object.entries(event).filter(([name]) => !KNOWN.has(name)));
  return (
    <a class="history-row" href={to.run(event.instanceId)}>
      <Time at={String(event.startedAt ?? event.endedAt)} fine />
      <span class={isOfKind(event, "failed") ? "bad" : event.type.startsWith("WORKFLOW") ? "" : "muted"}>{event.type}</span>
      <span class="clip">{String(event.stepName ?? event.workflowName ?? "")}</span>
      <code class="clip muted">{stringify(mask(rest), 0).slice(0, CHARS_SHOWN)}</code>
      <code class="muted clip">{event.instanceId.slice(-8)}</code>
    </a>
  );
}

function isOfKind(event: FeedEvent, kind: string): boolean {
  if (kind === "failed") return /FAILED|TIMED_OUT/.test(event.type);
  return !kind || event.type.startsWith(kind.toUpperCase());
}
