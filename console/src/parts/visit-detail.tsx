/**
 * All about one visit of a state: what went in, what came out, what went wrong, each attempt. A visit changes in place, so `version`
 * says when to draw it again.
 */

import type { ComponentChildren } from "preact";
import type { Json } from "../api/json";
import { stringify } from "../api/json";
import type { Failure } from "../state/events";
import { told } from "../state/failure";
import { isOpen, type Visit, waitsForAnswer } from "../state/run";
import { to } from "../router";
import { Attempts, Trace } from "./attempts";
import { Icon } from "./icons";
import { JsonView } from "./json-view";
import { StageList } from "./stage-list";
import { Notice } from "./states";
import { Status } from "./status";
import { Duration, Time } from "./time";
import { copy } from "./toasts";

/** `calls`: what the state calls, in few words; `children`: what else there is to say before its data. */
type Props = { run: string; visit: Visit; version: number; calls?: string; children?: ComponentChildren };

export function VisitDetail({ run, visit, version, calls, children }: Props) {
  const last = visit.attempts.at(-1);
  const isAsked = isOpen(visit) && last !== undefined && !last.endedAt && waitsForAnswer(last);
  return (
    <>
      <div class="facts">
        <Status of={visit.status} pill />
        <span class="kind">{visit.kind}</span>
        {visit.function && <code title={visit.function}>{calls || visit.function}</code>}
        <span><b><Duration from={visit.enteredAt} to={visit.endedAt} /></b></span>
        <span><Time at={visit.enteredAt} fine /></span>
      </div>
      {isAsked && <a class="button primary" href={`${to.inbox}?run=${encodeURIComponent(run)}`}>Answer it</a>}
      {visit.failure && <FailureNotice failure={visit.failure} place={visit.location} isCaught={visit.status === "caught" || visit.status === "retrying"} />}
      {children}
      <Attempts attempts={visit.attempts} version={version} />
      <StageList run={run} visit={visit} source={visit.function && (calls || visit.function)} />
      {visit.next && <div class="facts"><span>goes on at <b>{visit.next}</b></span></div>}
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
      {trace && <Trace text={trace} isOpen={!isCaught} />}
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
