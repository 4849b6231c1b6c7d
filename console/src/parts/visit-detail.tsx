/**
 * All about one visit of a state: what went in, what came out, what went wrong, each attempt. A visit changes in place, so `version`
 * says when to draw it again.
 */

import type { ComponentChildren } from "preact";
import type { Json } from "../api/json";
import { stringify } from "../api/json";
import type { Failure } from "../state/events";
import { told } from "../state/failure";
import type { Attempt, Visit } from "../state/run";
import { Icon } from "./icons";
import { JsonView } from "./json-view";
import { Notice } from "./states";
import { Status } from "./status";
import { Duration, Time } from "./time";
import { copy } from "./toasts";

export function VisitDetail({ visit, version }: { visit: Visit; version: number }) {
  return (
    <>
      <div class="facts">
        <Status of={visit.status} pill />
        <span>{visit.kind}</span>
        {visit.function && <code>{visit.function}</code>}
        <span><b><Duration from={visit.enteredAt} to={visit.endedAt} /></b></span>
        <span>entered <b><Time at={visit.enteredAt} fine /></b></span>
      </div>
      {visit.failure && <FailureNotice failure={visit.failure} place={visit.location} isCaught={visit.status === "caught" || visit.status === "retrying"} />}
      <Section title="Input" value={visit.input} />
      {visit.arguments !== undefined && <Section title="Arguments" value={visit.arguments} />}
      {visit.result !== undefined && <Section title="Result" value={visit.result} />}
      {visit.output !== undefined && <Section title="Output" value={visit.output} />}
      {visit.assigned && <Section title="Variables assigned" value={visit.assigned} />}
      {visit.next && <div class="facts"><span>goes on at <b>{visit.next}</b></span></div>}
      {visit.attempts.length > 0 && (
        <div class="section">
          <h3>{visit.attempts.length === 1 ? "Attempt" : `${visit.attempts.length} attempts`}</h3>
          {visit.attempts.map((attempt) => <AttemptCard key={`${attempt.number} ${attempt.scheduledAt}`} attempt={attempt} version={version} />)}
        </div>
      )}
    </>
  );
}

/** The cause of a failure is often JSON or a traceback; both are shown as they are meant. */
export function FailureNotice({ failure, place, isCaught = false }: { failure: Failure; place?: string; isCaught?: boolean }) {
  const { message, trace } = told(failure.cause);
  return (
    <Notice tone={isCaught ? "warn" : "bad"}>
      <b>{failure.error || "Error"}</b>
      {place && <span class="muted">{` in ${place}`}</span>}
      <pre>{message}</pre>
      {trace && (
        <details>
          <summary>Traceback</summary>
          <pre tabIndex={0}>{trace}</pre>
        </details>
      )}
    </Notice>
  );
}

export function Section({ title, value, children }: { title: string; value?: Json; children?: ComponentChildren }) {
  return (
    <div class="section">
      <div class="section-head">
        <h3 class="grow">{title}</h3>
        {value !== undefined && (
          <button class="button bare small" aria-label={`Copy ${title.toLowerCase()}`} onClick={() => copy(stringify(value), title)}>
            <Icon name="copy" size={13} />
          </button>
        )}
      </div>
      {children ?? (value === undefined ? <span class="muted">none</span> : <JsonView value={value} label={title} />)}
    </div>
  );
}

function AttemptCard({ attempt }: { attempt: Attempt; version: number }) {
  return (
    <div class="attempt">
      <div class="row wrap">
        <b>{attempt.number}</b>
        <Status of={attempt.status} />
        <span class="muted"><Time at={attempt.startedAt ?? attempt.scheduledAt} fine /></span>
        <Duration from={attempt.startedAt ?? attempt.scheduledAt} to={attempt.endedAt} />
        {attempt.worker && <span class="tag">{attempt.worker}</span>}
      </div>
      {attempt.failure && <div><span class="status tone-bad">{attempt.failure.error}</span> <span class="muted">{told(attempt.failure.cause).message}</span></div>}
      {attempt.retryAt && <div class="muted">next attempt at <Time at={attempt.retryAt} fine /></div>}
    </div>
  );
}
