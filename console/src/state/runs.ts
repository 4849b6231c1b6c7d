/** A list of runs kept up to date by the feed. Pure: rows and an event give new rows, or the same when nothing changed. */

import type { Instance } from "../api/client";
import type { FeedEvent } from "../api/live";

export interface Wanted { statuses: readonly string[]; workflow: string; startedFrom?: string; startedBefore?: string; text?: string }

const ENDS: Record<string, string> = {
  WORKFLOW_COMPLETED: "COMPLETED", WORKFLOW_FAILED: "FAILED", WORKFLOW_TIMED_OUT: "TIMED_OUT", WORKFLOW_CANCELLED: "CANCELLED",
};

/** Take in what happened. Runs that are new and wanted come first; those that are no longer of the wanted status stay, with the new one. */
export function follow(rows: readonly Instance[], events: readonly FeedEvent[], wanted: Wanted): readonly Instance[] {
  let next: Instance[] | undefined;
  for (const event of events) {
    const known = (next ?? rows).findIndex((row) => row.instanceId === event.instanceId);
    if (known < 0) {
      const row = rowOf(event);
      if (row && isWanted(row, wanted)) next = [row, ...(next ?? rows)];
      continue;
    }
    const change = changeOf(event);
    if (!change) continue;
    next ??= [...rows];
    next[known] = { ...next[known]!, ...change };
  }
  return next ?? rows;
}

function rowOf(event: FeedEvent): Instance | undefined {
  if (event.type !== "WORKFLOW_STARTED") return undefined;
  return {
    instanceId: event.instanceId,
    workflowDefinitionId: String(event.workflowDefinitionId),
    workflowDefinitionName: String(event.workflowName),
    status: "RUNNING",
    initialPayload: event.initialPayload,
    currentPayload: event.initialPayload,
    currentStepId: null,
    startedAt: String(event.startedAt),
  };
}

function changeOf(event: FeedEvent): Partial<Instance> | undefined {
  const status = ENDS[event.type];
  if (status) return { status, endedAt: String(event.endedAt), ...(event.error ? { error: String(event.error) } : {}) };
  if (event.type === "WORKFLOW_REDRIVEN") return { status: "RUNNING", endedAt: undefined, error: undefined };
  if (event.type === "STEP_STARTED" && !event.path) return { status: "RUNNING", currentStepId: String(event.stepId) };
  return undefined;
}

function isWanted(row: Instance, wanted: Wanted): boolean {
  if (wanted.statuses.length && !wanted.statuses.includes(row.status)) return false;
  if (wanted.workflow && wanted.workflow !== row.workflowDefinitionId && wanted.workflow !== row.workflowDefinitionName) return false;
  if (wanted.text && !contains(row, wanted.text)) return false;
  const started = Date.parse(row.startedAt);
  if (wanted.startedFrom && started < Date.parse(wanted.startedFrom)) return false;
  return !wanted.startedBefore || started < Date.parse(wanted.startedBefore);
}

/** Whether a run's id, workflow, error or payload contains a text, whatever its case. */
export function contains(row: Instance, text: string): boolean {
  if (!text) return true;
  const wanted = text.toLowerCase();
  const told = [row.instanceId, row.workflowDefinitionName, row.error ?? "", row.currentStepId ?? "", JSON.stringify(row.initialPayload, plain)];
  return told.some((one) => one.toLowerCase().includes(wanted));
}

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
