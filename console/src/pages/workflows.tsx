/** All workflows, with how their last runs went. */

import { useEffect, useState } from "preact/hooks";
import { api, type Definition, type Instance } from "../api/client";
import { listen } from "../api/live";
import { languageOf, readGraph } from "../graph/read";
import { nodesOf } from "../graph/model";
import { useLoad } from "../parts/load";
import { Icon } from "../parts/icons";
import { useKey } from "../parts/shortcuts";
import { Empty, Fault, Loading } from "../parts/states";
import { Status } from "../parts/status";
import { useRows } from "../parts/rows";
import { Strip } from "../parts/strip";
import { Time } from "../parts/time";
import { navigate, to } from "../router";
import { follow } from "../state/runs";

const RUNS_SHOWN = 16;
const ALL = { statuses: [], workflow: "" };

export function WorkflowsPage() {
  const loaded = useLoad(load, []);
  const [text, setText] = useState("");
  useEffect(() => listen((events) => loaded.set((old) => ({ ...old, runs: follow(old.runs, events, ALL) }))), []);
  useKey("n", () => navigate(to.newWorkflow));
  const shown = loaded.value?.definitions.filter((one) => `${one.name} ${about(one)}`.toLowerCase().includes(text.toLowerCase())) ?? [];
  const current = useRows(shown.length, (index) => navigate(to.workflow(shown[index]!.id)));
  return (
    <div class="page">
      <div class="page-head">
        <div class="title">
          <h1>Workflows</h1>
        </div>
        <div class="actions">
          <input class="field" type="search" placeholder="Search  /" aria-label="Search workflows" value={text} onInput={(event) => setText(event.currentTarget.value)} />
          <a class="button primary" href={to.newWorkflow}>
            <Icon name="plus" size={14} />
            New workflow
          </a>
        </div>
      </div>
      {loaded.error && <Fault error={loaded.error} retry={loaded.reload} />}
      {!loaded.value && !loaded.error && <Loading />}
      {loaded.value && <Table definitions={shown} runs={loaded.value.runs} current={current} isFiltered={text !== ""} />}
    </div>
  );
}

function Table({ definitions, runs, current, isFiltered }: { definitions: Definition[]; runs: readonly Instance[]; current: number; isFiltered: boolean }) {
  if (!definitions.length && isFiltered) return <Empty title="No workflow has this in its name or description" />;
  if (!definitions.length) {
    return (
      <Empty title="No workflows yet" commands={["conductor dev --definitions workflows/", `curl --json @workflow.json ${location.origin}/workflows/definitions`]}>
        <p>Write one here, let the server watch a folder of them, or send one:</p>
      </Empty>
    );
  }
  return (
    <div class="card scroll-x">
      <table class="table">
        <thead>
          <tr>
            <th>Name</th>
            <th class="wide">Language</th>
            <th class="end wide">States</th>
            <th>Last runs</th>
            <th>Last</th>
            <th class="wide">Started</th>
          </tr>
        </thead>
        <tbody>
          {definitions.map((one, index) => (
            <Row key={one.id} index={index} isCurrent={index === current} definition={one} runs={runs.filter((run) => run.workflowDefinitionId === one.id)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ definition, runs, index, isCurrent }: { definition: Definition; runs: Instance[]; index: number; isCurrent: boolean }) {
  const last = runs[0];
  return (
    <tr data-row={index} class={isCurrent ? "current" : undefined}>
      <td>
        <a class="strong" href={to.workflow(definition.id)}>{definition.name}</a>
        <div class="muted wide about">{about(definition)}</div>
      </td>
      <td class="muted wide tight">{languageOf(definition)}</td>
      <td class="end number muted wide">{[...nodesOf(readGraph(definition))].length}</td>
      <td>
        <Strip workflow={definition.id} runs={runs.slice(0, RUNS_SHOWN)} length={RUNS_SHOWN} />
      </td>
      <td class="tight">{last ? <Status of={last.status} /> : <span class="muted">never run</span>}</td>
      <td class="tight wide">{last && <Time at={last.startedAt} />}</td>
    </tr>
  );
}

const about = (definition: Definition): string => String(definition.description ?? definition.Comment ?? "");

/** The last runs of all; workflows that have none among them are asked for by themselves. */
async function load(): Promise<{ definitions: Definition[]; runs: readonly Instance[] }> {
  const [definitions, page] = await Promise.all([api.definitions(), api.instances({ limit: 200 })]);
  const seen = new Set(page.items.map((run) => run.workflowDefinitionId));
  const others = page.cursor ? definitions.filter((one) => !seen.has(one.id)) : [];
  const more = await Promise.all(others.map((one) => api.instances({ definition: one.id, limit: RUNS_SHOWN })));
  return { definitions, runs: [...page.items, ...more.flatMap((one) => one.items)] };
}
