/** One run, live: its graph, timeline, states and history, and all about the state that is selected. */

import { useMemo, useState } from "preact/hooks";
import { api, type Instance } from "../api/client";
import { type Json, mask, stringify } from "../api/json";
import { readGraph } from "../graph/read";
import { Confirm } from "../parts/dialog";
import { CopyMenu, quoted } from "../parts/copy-menu";
import { useLoad } from "../parts/load";
import { RunDialog } from "../parts/run-dialog";
import { useKey } from "../parts/shortcuts";
import { Fault, Loading } from "../parts/states";
import { Status } from "../parts/status";
import { Tabs } from "../parts/tabs";
import { Duration, Time } from "../parts/time";
import { attempt } from "../parts/toasts";
import { navigate, place, setQuery, to } from "../router";
import { useRun } from "../state/follow-run";
import { hasEnded, type Run } from "../state/run";
import { RunSide } from "./run-side";
import { RunView } from "./run-view";

const VIEWS = ["graph", "timeline", "states", "history"];

export function RunPage({ id }: { id: string }) {
  const loaded = useLoad(() => load(id), [id]);
  const run = useRun(id);
  const query = place.value.query;
  const view = query.get("view") ?? "graph";
  const scope = useMemo(() => readScope(query.getAll("item")), [query.toString()]);
  const body = useMemo(() => readGraph(loaded.value?.definition), [loaded.value?.definition]);
  VIEWS.forEach((name, index) => useKey(String(index + 1), () => setQuery({ view: index ? name : undefined })));
  useKey("Escape", () => setQuery({ visit: undefined, place: undefined, event: undefined }));
  if (!loaded.value) return <div class="page">{loaded.error ? <Fault error={loaded.error} retry={loaded.reload} /> : <Loading />}</div>;
  const instance = loaded.value.instance;
  const tabs = [
    { id: "graph", text: "Graph" }, { id: "timeline", text: "Timeline" },
    { id: "states", text: "States", count: run.visits.length }, { id: "history", text: "History", count: run.events.length },
  ];
  return (
    <div class="page full">
      <Head instance={instance} run={run} />
      <div>
        <Tabs name="view" tabs={tabs} current={view} label="Run" />
        {run.status === "PENDING" && !run.events.length && <Loading />}
      </div>
      <div class="split" style={{ marginTop: "-17px" }}>
        <div class="split-main"><RunView view={view} run={run} body={body} scope={scope} /></div>
        <aside class="split-side" aria-label="Details"><RunSide run={run} instance={instance} scope={scope} /></aside>
      </div>
    </div>
  );
}

function Head({ instance, run }: { instance: Instance; run: Run }) {
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
        <div class="crumbs"><a href={to.runs}>Runs</a> / <a href={to.workflow(instance.workflowDefinitionId)}>{instance.workflowDefinitionName}</a> /</div>
        <div class="row wrap">
          <h1 class="mono" style={{ fontSize: "15px" }}>{id}</h1>
          <Status of={status} pill />
          {instance.suspended && <span class="tag">parked: {instance.suspended}</span>}
        </div>
        <div class="facts">
          <span>started <b><Time at={instance.startedAt} /></b></span>
          <span>took <b><Duration from={instance.startedAt} to={isOver ? instance.endedAt : run.endedAt} /></b></span>
          {run.redrives > 0 && <span>redriven <b>{run.redrives}×</b></span>}
        </div>
      </div>
      <div class="actions">
        <CopyMenu copies={copiesOf(instance)} />
        {hasEnded(status) && <button class="button danger" onClick={() => setAsk("delete")}>Delete</button>}
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
  const arn = `arn:aws:states:us-east-1:000000000000:stateMachine:${instance.workflowDefinitionName}`;
  return {
    "Run as JSON": () => stringify(mask(instance)),
    "curl that runs it again": () => `curl --json ${quoted(`{"payload": ${payload()}}`)} ${location.origin}/workflows/${workflow}/trigger`,
    "AWS CLI that runs it again": () => `aws stepfunctions start-execution --endpoint-url ${location.origin} --state-machine-arn ${quoted(arn)} --input ${quoted(payload())}`,
    "Link to this view": () => location.href,
  };
}

/** `item=<place of the map>:<index>` in the address. */
function readScope(items: readonly string[]): ReadonlyMap<string, number> {
  return new Map(items.map((item) => [item.slice(0, item.lastIndexOf(":")), Number(item.slice(item.lastIndexOf(":") + 1))]));
}

async function load(id: string): Promise<{ instance: Instance; definition: Json }> {
  const [instance, definition] = await Promise.all([api.instance(id), api.instanceDefinition(id)]);
  return { instance, definition };
}
