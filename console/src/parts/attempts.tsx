/** Each attempt of a state's work: when, how it went, what it failed with, and what its function logged. */

import type { LogLine } from "../state/events";
import { told } from "../state/failure";
import type { Attempt } from "../state/run";
import { Status } from "./status";
import { Duration, Time } from "./time";

export function Attempts({ attempts }: { attempts: readonly Attempt[]; version: number }) {
  if (!attempts.length || (attempts.length === 1 && saysNothingNew(attempts[0]!))) return null;
  return (
    <div class="section">
      <h3>{attempts.length === 1 ? "Attempt" : `${attempts.length} attempts`}</h3>
      {attempts.map((attempt) => <AttemptCard key={`${attempt.number} ${attempt.scheduledAt}`} attempt={attempt} isOnly={attempts.length === 1} />)}
    </div>
  );
}

/** What the only attempt says beyond what the state says already. */
const saysNothingNew = (attempt: Attempt): boolean => attempt.endedAt !== undefined && !attempt.logs?.length && !attempt.worker;

function AttemptCard({ attempt, isOnly }: { attempt: Attempt; isOnly: boolean }) {
  const failed = attempt.failure && told(attempt.failure.cause);
  return (
    <div class="attempt">
      <div class="row wrap">
        {!isOnly && <b class="number">{attempt.number}</b>}
        <Status of={attempt.status} />
        <span class="muted"><Time at={attempt.startedAt ?? attempt.scheduledAt} fine /></span>
        <Duration from={attempt.startedAt ?? attempt.scheduledAt} to={attempt.endedAt} />
        {attempt.worker && <span class="tag">{attempt.worker}</span>}
      </div>
      {attempt.failure && !isOnly && (
        <div class="failed-with">
          <b class="bad">{attempt.failure.error}</b> <span>{failed?.message}</span>
        </div>
      )}
      {failed?.trace && !isOnly && <Trace text={failed.trace} />}
      {attempt.retryAt && <div class="muted">next attempt at <Time at={attempt.retryAt} fine /></div>}
      {attempt.logs && attempt.logs.length > 0 && <Logs lines={attempt.logs} />}
    </div>
  );
}

export function Trace({ text, isOpen = false }: { text: string; isOpen?: boolean }) {
  return (
    <details open={isOpen}>
      <summary>Traceback</summary>
      <pre class="trace" tabIndex={0}>{text}</pre>
    </details>
  );
}

function Logs({ lines }: { lines: readonly LogLine[] }) {
  return (
    <details open>
      <summary>{lines.length === 1 ? "1 line logged" : `${lines.length} lines logged`}</summary>
      <div class="logs" role="region" aria-label="Log" tabIndex={0}>
        {lines.map((line, index) => (
          <div key={index} class="log-line">
            <Time at={line.at} fine />
            <span class={`level ${/ERROR|CRITICAL/.test(line.level) ? "bad" : /WARN/.test(line.level) ? "warn" : "muted"}`}>{line.level.toLowerCase()}</span>
            <span class="said">{line.message}</span>
          </div>
        ))}
      </div>
    </details>
  );
}
