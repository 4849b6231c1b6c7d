/** Over a run: which it is, how it stands, and what can be done with it. */

import { useState } from "preact/hooks";
import { api, type Instance } from "../api/client";
import { mask, stringify } from "../api/json";
import { Confirm } from "../parts/dialog";
import { CopyMenu, quoted } from "../parts/copy-menu";
import { Icon } from "../parts/icons";
import { RunDialog } from "../parts/run-dialog";
import { Status } from "../parts/status";
import { Duration, Time } from "../parts/time";
import { attempt, copy } from "../parts/toasts";
import { navigate, to } from "../router";
import { hasEnded, type Run } from "../state/run";
import { machineArnOf } from "../state/arn";

export function RunHead({ instance, run }: { instance: Instance; run: Run }) {
  const [ask, setAsk] = useState<"cancel" | "again" | "delete">();
  const id = instance.instanceId;
  // What had ended when it was read stays ended until it is redriven, also while its events are still coming in.
  const isOver = hasEnded(instance.status) && run.redrives <= (instance.redrives ?? 0);
  const status = isOver || !run.events.length ? instance.status : run.status;
  const close = (): void => setAsk(undefined);
  const canRedrive = hasEnded(status) && status !== "COMPLETED";
  return (
    <div class="page-head">
      <div class="title">
        <div class="crumbs">
          <a href={to.runs}>Runs</a> / <span class="mono">{id}</span>
          <button class="button bare small" aria-label="Copy the id" title="Copy" onClick={() => copy(id, "Id")}><Icon name="copy" size={12} /></button>
        </div>
        <div class="row wrap">
          <h1><a class="plain" href={to.workflow(instance.workflowDefinitionId)}>{instance.workflowDefinitionName}</a></h1>
          <Status of={status} pill />
          {instance.suspended && <span class="tag">parked: {instance.suspended}</span>}
        </div>
        <div class="facts">
          <span>started <b><Time at={instance.startedAt} /></b></span>
          <span>took <b><Duration from={instance.startedAt} to={isOver ? instance.endedAt : run.endedAt} /></b></span>
          {run.redrives > 0 && <span>redriven <b>{run.redrives}×</b></span>}
          {instance.type === "EXPRESS" && <span>Express</span>}
          {instance.startedBy?.alias && <span>alias <b>{instance.startedBy.alias}</b></span>}
          {instance.startedBy?.version && <span>version <b>{instance.startedBy.version}</b></span>}
          {instance.executionName && instance.executionName !== id && <span>name <b>{instance.executionName}</b></span>}
        </div>
      </div>
      <div class="actions">
        {hasEnded(status) && <button class="button bare danger" onClick={() => setAsk("delete")}>Delete</button>}
        <CopyMenu copies={copiesOf(instance)} />
        {!hasEnded(status) && <button class="button danger" onClick={() => setAsk("cancel")}>Cancel</button>}
        {canRedrive && <button class="button" onClick={() => attempt(() => api.redrive(id), "Redriven: it goes on from where it failed")}>Redrive</button>}
        <button class="button primary" onClick={() => setAsk("again")}>Run again …</button>
      </div>
      {ask === "again" && <RunDialog workflow={instance.workflowDefinitionId} name={instance.workflowDefinitionName} recent={[]} payload={instance.initialPayload} onClose={close} />}
      {ask === "cancel" && <Confirm title="Cancel this run?" text="What it has running is stopped. It can be redriven later." action="Cancel the run" onYes={() => attempt(() => api.cancel(id), "Cancelled")} onClose={close} />}
      {ask === "delete" && <Confirm title="Delete this run?" text="Its history is deleted with it." action="Delete" onYes={() => attempt(async () => (await api.forget(id), navigate(to.runs)), "Deleted")} onClose={close} />}
    </div>
  );
}

function copiesOf(instance: Instance): Record<string, () => string> {
  const payload = (): string => stringify(mask(instance.initialPayload), 0);
  const workflow = encodeURIComponent(instance.workflowDefinitionId);
  const aws = `aws stepfunctions --endpoint-url ${location.origin}`;
  const copies: Record<string, () => string> = {
    "Run as JSON": () => stringify(mask(instance)),
    "curl that reads it": () => `curl ${location.origin}/workflows/instances/${encodeURIComponent(instance.instanceId)}`,
    "curl that runs it again": () => `curl --json ${quoted(`{"payload": ${payload()}}`)} ${location.origin}/workflows/${workflow}/trigger`,
  };
  const arn = instance.arn;
  if (arn) {
    copies["AWS CLI that describes it"] = () => `${aws} describe-execution --execution-arn ${quoted(arn)}`;
    copies["AWS CLI that reads its history"] = () => `${aws} get-execution-history --execution-arn ${quoted(arn)}`;
    copies["AWS CLI that runs it again"] = () => `${aws} start-execution --state-machine-arn ${quoted(machineArnOf(arn))} --input ${quoted(payload())}`;
    copies["Its ARN"] = () => arn;
  }
  return { ...copies, "Link to this view": () => location.href };
}
