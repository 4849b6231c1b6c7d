/** Runs as a table. With `marked` they can be marked for bulk actions; `current` is where the keyboard stands. */

import type { Instance } from "../api/client";
import { mask, stringify } from "../api/json";
import { to } from "../router";
import { oneLine } from "../state/failure";
import { Status } from "./status";
import { Duration, Time } from "./time";

type Props = { runs: readonly Instance[]; marked?: ReadonlySet<string>; onMark?: (ids: readonly string[], isMarked: boolean) => void; current?: number; withWorkflow?: boolean; /** In a panel: without payloads. */ isNarrow?: boolean };

const CHARS_SHOWN = 160;

export function RunTable({ runs, marked, onMark, current, withWorkflow = false, isNarrow = false }: Props) {
  const areAllMarked = runs.length > 0 && runs.every((run) => marked?.has(run.instanceId));
  return (
    <div class="card scroll-x">
      <table class="table runs">
        <thead>
          <tr>
            {onMark && (
              <th class="mark">
                <input type="checkbox" aria-label="Mark all" checked={areAllMarked} onChange={() => onMark(runs.map((run) => run.instanceId), !areAllMarked)} />
              </th>
            )}
            <th>Status</th>
            <th>Run</th>
            {withWorkflow && <th>Workflow</th>}
            <th>Started</th>
            <th class="end">Took</th>
            {!isNarrow && <th>Payload or error</th>}
          </tr>
        </thead>
        <tbody>
          {runs.map((run, index) => (
            <tr key={run.instanceId} class={index === current ? "current" : undefined} data-run={run.instanceId} data-row={index}>
              {onMark && (
                <td class="mark">
                  <input type="checkbox" aria-label={`Mark run ${run.instanceId}`} checked={marked?.has(run.instanceId)} onChange={(event) => onMark([run.instanceId], event.currentTarget.checked)} />
                </td>
              )}
              <td><Status of={run.status} /></td>
              <td class="tight"><a class="mono" href={to.run(run.instanceId)} title={run.instanceId}>{shortId(run.instanceId)}</a></td>
              {withWorkflow && <td class="workflow clip"><a href={to.workflow(run.workflowDefinitionId)}>{run.workflowDefinitionName}</a></td>}
              <td class="tight"><Time at={run.startedAt} /></td>
              <td class="end tight"><Duration from={run.startedAt} to={run.endedAt} /></td>
              {!isNarrow && (
                <td class="said clip">
                  {run.error ? <span class="bad" title={oneLine(run.error)}>{oneLine(run.error).slice(0, CHARS_SHOWN)}</span> : <code class="muted">{preview(run)}</code>}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Ids begin with the time; what tells two of them apart is at the end. */
export const shortId = (id: string): string => (id.length > 20 ? `…${id.slice(-12)}` : id);

const preview = (run: Instance): string => stringify(mask(run.initialPayload), 0).slice(0, CHARS_SHOWN);
