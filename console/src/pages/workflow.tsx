/** One workflow: its graph, its source, its runs, and a button that runs it. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { api, type Definition, type Instance } from "../api/client";
import { format, parse, stringify } from "../api/json";
import { listen } from "../api/live";
import { Graph } from "../graph/graph";
import { nodesOf } from "../graph/model";
import { languageOf, readGraph } from "../graph/read";
import { Confirm } from "../parts/dialog";
import { Icon } from "../parts/icons";
import { JsonView } from "../parts/json-view";
import { useLoad } from "../parts/load";
import { RunDialog } from "../parts/run-dialog";
import { RunTable } from "../parts/run-table";
import { useKey } from "../parts/shortcuts";
import { Source } from "../parts/source";
import { Empty, Fault, Loading } from "../parts/states";
import { Strip } from "../parts/strip";
import { VersionList } from "../parts/version-list";
import { Tabs } from "../parts/tabs";
import { attempt } from "../parts/toasts";
import { navigate, place, setQuery, to } from "../router";
import { follow } from "../state/runs";

const RUNS_BESIDE = 8;
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
            <Strip workflow={definition.id} runs={loaded.value.runs.slice(0, 16)} length={16} />
          </div>
        </div>
        <div class="actions">
          <button class="button bare danger" onClick={() => setAsk("delete")}>Delete</button>
          <button class="button primary" onClick={() => setAsk("run")}>Run …</button>
        </div>
      </div>
      <Tabs name="tab" tabs={TABS} current={tab} label="Workflow" />
      {tab === "graph" && <Overview definition={definition} runs={loaded.value.runs} />}
      {tab === "source" && <SourceTab id={definition.id} text={loaded.value.text} onSaved={loaded.reload} />}
      {tab === "runs" && <RunsTab definition={definition} runs={loaded.value.runs} />}
      {ask === "run" && <RunDialog workflow={definition.id} name={definition.name} recent={loaded.value.runs} onClose={() => setAsk(undefined)} />}
      {ask === "delete" && (
        <Confirm title={`Delete ${definition.name}?`} text="Runs that are under way go on, and the histories of all its runs stay." action="Delete" onYes={remove} onClose={() => setAsk(undefined)} />
      )}
    </div>
  );
}

function Overview({ definition, runs }: { definition: Definition; runs: readonly Instance[] }) {
  const body = useMemo(() => readGraph(definition), [definition]);
  const selected = place.value.query.get("place") ?? undefined;
  const node = [...nodesOf(body)].find((one) => one.id === selected);
  const select = (id: string | undefined): void => setQuery({ place: id });
  useKey("Escape", () => select(undefined));
  return (
    <div class="split">
      <div class="split-main"><Graph body={body} selected={selected} onSelect={(one) => select(one?.id)} /></div>
      <aside class="split-side" aria-label="Details">
        <div class="detail">
          {node ? (
            <>
              <div class="detail-head">
                <h2 class="grow clip">{node.title}</h2>
                <button class="button bare small" aria-label="Deselect" onClick={() => select(undefined)}><Icon name="close" size={13} /></button>
              </div>
              <div class="facts"><span>{node.kind}</span>{node.detail && <code>{node.detail}</code>}</div>
              <JsonView value={node.source} label="Definition" />
            </>
          ) : (
            <>
              <LastRuns definition={definition} runs={runs} />
              <VersionList id={definition.id} />
            </>
          )}
        </div>
      </aside>
    </div>
  );
}

function LastRuns({ definition, runs }: { definition: Definition; runs: readonly Instance[] }) {
  return (
    <div class="section">
      <div class="section-head">
        <h3 class="grow">Last runs</h3>
        {runs.length > 0 && <a href={`${to.runs}?workflow=${encodeURIComponent(definition.id)}`}>All</a>}
      </div>
      {runs.length > 0 ? <RunTable runs={runs.slice(0, RUNS_BESIDE)} isNarrow /> : <p class="muted">It has not run yet. Press <kbd>t</kbd> to run it.</p>}
    </div>
  );
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
