/** One workflow: its graph, its source, its runs, and a button that runs it. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { api, type Definition, type Instance } from "../api/client";
import { format, parse, stringify } from "../api/json";
import { listen } from "../api/live";
import { Graph } from "../graph/graph";
import { languageOf, readGraph } from "../graph/read";
import { Confirm } from "../parts/dialog";
import { useLoad } from "../parts/load";
import { RunDialog } from "../parts/run-dialog";
import { RunTable } from "../parts/run-table";
import { useKey } from "../parts/shortcuts";
import { Source } from "../parts/source";
import { Empty, Fault, Loading } from "../parts/states";
import { Strip } from "../parts/strip";
import { Tabs } from "../parts/tabs";
import { attempt } from "../parts/toasts";
import { navigate, place, to } from "../router";
import { follow } from "../state/runs";

const TABS = [{ id: "graph", text: "Graph" }, { id: "source", text: "Source" }, { id: "runs", text: "Runs" }];

export function WorkflowPage({ id }: { id: string }) {
  const loaded = useLoad(() => load(id), [id]);
  const [ask, setAsk] = useState<"run" | "delete">();
  const tab = place.value.query.get("tab") ?? "graph";
  const definition = loaded.value?.definition;
  useEffect(() => listen((events) => loaded.set((old) => ({ ...old, runs: follow(old.runs, events, { statuses: [], workflow: old.definition.id }) }))), []);
  useKey("t", () => setAsk("run"));
  if (!loaded.value || !definition) return <div class="page">{loaded.error ? <Fault error={loaded.error} retry={loaded.reload} /> : <Loading />}</div>;
  const remove = (): Promise<boolean> => attempt(async () => (await api.remove(definition.id), navigate(to.workflows)), `${definition.name} deleted`);
  return (
    <div class={tab === "graph" ? "page full" : "page"}>
      <div class="page-head">
        <div class="title">
          <div class="crumbs"><a href={to.workflows}>Workflows</a> /</div>
          <h1>{definition.name}</h1>
          {(definition.description ?? definition.Comment) && <p class="muted">{String(definition.description ?? definition.Comment)}</p>}
          <div class="facts">
            <span>{languageOf(definition)}</span>
            <span class="mono">{definition.id}</span>
            <Strip runs={loaded.value.runs.slice(0, 16)} length={16} />
          </div>
        </div>
        <div class="actions">
          <button class="button danger" onClick={() => setAsk("delete")}>Delete</button>
          <button class="button primary" onClick={() => setAsk("run")}>Run …</button>
        </div>
      </div>
      <Tabs name="tab" tabs={TABS} current={tab} label="Workflow" />
      {tab === "graph" && <GraphTab definition={definition} />}
      {tab === "source" && <SourceTab id={definition.id} text={loaded.value.text} onSaved={loaded.reload} />}
      {tab === "runs" && <RunsTab definition={definition} runs={loaded.value.runs} />}
      {ask === "run" && <RunDialog workflow={definition.id} name={definition.name} recent={loaded.value.runs} onClose={() => setAsk(undefined)} />}
      {ask === "delete" && (
        <Confirm title={`Delete ${definition.name}?`} text="Runs that are under way go on, and the histories of all its runs stay." action="Delete" onYes={remove} onClose={() => setAsk(undefined)} />
      )}
    </div>
  );
}

function GraphTab({ definition }: { definition: Definition }) {
  const body = useMemo(() => readGraph(definition), [definition]);
  return <div class="card grow" style={{ overflow: "hidden", minHeight: "420px", marginBottom: "20px" }}><Graph body={body} /></div>;
}

function SourceTab({ id, text, onSaved }: { id: string; text: string; onSaved: () => void }) {
  const [edited, setEdited] = useState(text);
  const [isValid, setValid] = useState(true);
  useEffect(() => setEdited(text), [text]);
  const isChanged = edited !== text;
  const save = (): Promise<boolean> => attempt(async () => (await api.replace(id, edited), onSaved()), "Saved. Runs under way keep what they started with.");
  return (
    <>
      <Source text={edited} onChange={(next) => (setValid(false), setEdited(next))} onVerdict={setValid} onSubmit={() => isValid && isChanged && save()} />
      <div class="row">
        <span class="grow muted">{isChanged ? "Changed, not saved" : "As stored"}</span>
        <button class="button" disabled={!isChanged} onClick={() => setEdited(text)}>Discard</button>
        <button class="button primary" disabled={!isChanged || !isValid} onClick={save}>Save</button>
      </div>
    </>
  );
}

function RunsTab({ definition, runs }: { definition: Definition; runs: readonly Instance[] }) {
  if (!runs.length) {
    const commands = [
      `conductor trigger ${definition.id} --watch`,
      `curl --json '{"payload": {}}' ${location.origin}/workflows/${encodeURIComponent(definition.id)}/trigger`,
    ];
    return <Empty title="It has not run yet" commands={commands}><p>Press <kbd>t</kbd>, or:</p></Empty>;
  }
  return (
    <>
      <RunTable runs={runs} />
      <a href={`${to.runs}?workflow=${encodeURIComponent(definition.id)}`}>All its runs, with filters</a>
    </>
  );
}

async function load(id: string): Promise<{ definition: Definition; text: string; runs: readonly Instance[] }> {
  const [said, page] = await Promise.all([api.definitionText(id), api.instances({ definition: id, limit: 50 })]);
  const definition = parse(said) as Definition;
  return { definition, text: format(said, ["id", "warnings"]) || stringify(definition), runs: page.items };
}
