/** All runs, live, with filters that are part of the address, and actions on many at once. */

import { useEffect, useState } from "preact/hooks";
import { api, type Instance } from "../api/client";
import { listen } from "../api/live";
import { useLoad } from "../parts/load";
import { RunTable } from "../parts/run-table";
import { useKey } from "../parts/shortcuts";
import { Empty, Fault, Loading } from "../parts/states";
import { lookOf, toneOf } from "../parts/status";
import { toast } from "../parts/toasts";
import { navigate, place, setQuery, to } from "../router";
import { contains, follow } from "../state/runs";
import { hasEnded } from "../state/run";

const STATUSES = ["PENDING", "RUNNING", "COMPLETED", "FAILED", "TIMED_OUT", "CANCELLED"];
const SINCE: Record<string, [string, number]> = { hour: ["last hour", 3_600_000], day: ["last 24 hours", 86_400_000], week: ["last 7 days", 604_800_000] };
const PAGE = 50;

export function RunsPage() {
  const query = place.value.query;
  const [status, workflow, since, text] = ["status", "workflow", "since", "text"].map((name) => query.get(name) ?? "") as [string, string, string, string];
  const startedFrom = SINCE[since] && new Date(Date.now() - SINCE[since][1]).toISOString();
  const filter = { status, definition: workflow, startedFrom, limit: PAGE };
  const loaded = useLoad(() => api.instances(filter), [status, workflow, since]);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState(-1);
  const wanted = { statuses: status ? status.split(",") : [], workflow, startedFrom };
  useEffect(() => listen((events) => loaded.set((page) => ({ ...page, items: follow(page.items, events, wanted) as Instance[] }))), [status, workflow, since]);

  const runs = loaded.value?.items.filter((run) => contains(run, text)) ?? [];
  const mark = (ids: readonly string[], isMarked: boolean): void => {
    const next = new Set(marked);
    for (const id of ids) isMarked ? next.add(id) : next.delete(id);
    setMarked(next);
  };
  const move = (step: number): void => {
    const next = Math.min(runs.length - 1, Math.max(0, current + step));
    setCurrent(next);
    document.querySelector(`[data-run="${runs[next]?.instanceId}"]`)?.scrollIntoView({ block: "nearest" });
  };
  useKey("j", () => move(1));
  useKey("k", () => move(-1));
  useKey("Enter", (event) => (event.target as Element).closest("a, button") || (runs[current] && navigate(to.run(runs[current].instanceId))));
  useKey("x", () => runs[current] && mark([runs[current].instanceId], !marked.has(runs[current].instanceId)));
  useKey("Escape", () => setMarked(new Set()));
  const more = async (): Promise<void> => {
    const next = await api.instances({ ...filter, cursor: loaded.value?.cursor });
    loaded.set((page) => ({ items: [...page.items, ...next.items], cursor: next.cursor }));
  };
  const chosen = runs.filter((run) => marked.has(run.instanceId));

  return (
    <div class="page">
      <div class="page-head">
        <div class="title"><h1>Runs</h1></div>
        <div class="actions">
          <WorkflowChoice chosen={workflow} />
          <select class="field" aria-label="Started" value={since} onChange={(event) => setQuery({ since: event.currentTarget.value })}>
            <option value="">any time</option>
            {Object.entries(SINCE).map(([key, [words]]) => <option key={key} value={key}>{words}</option>)}
          </select>
          <input class="field" type="search" placeholder="Id, payload, error  /" aria-label="Search runs" value={text} onInput={(event) => setQuery({ text: event.currentTarget.value })} />
        </div>
      </div>
      <Counts chosen={status} />
      {chosen.length > 0 && <Bulk runs={chosen} onDone={() => setMarked(new Set())} />}
      {loaded.error && <Fault error={loaded.error} retry={loaded.reload} />}
      {!loaded.value && !loaded.error && <Loading />}
      {loaded.value && runs.length > 0 && <RunTable runs={runs} marked={marked} onMark={mark} current={current} withWorkflow />}
      {loaded.value && !runs.length && <Nothing isFiltered={Boolean(status || workflow || since || text)} />}
      {loaded.value?.cursor && (
        <div class="row">
          <button class="button" onClick={more}>Older runs</button>
          {text && <span class="muted">The text is looked for in the {loaded.value.items.length} runs that are loaded.</span>}
        </div>
      )}
    </div>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <Empty title="No run is like this"><button class="button" onClick={() => navigate(to.runs)}>Show all</button></Empty>;
  return (
    <Empty title="Nothing has run yet" commands={["conductor trigger sample-user-signup --watch", `aws stepfunctions start-execution --endpoint-url ${location.origin} --state-machine-arn …`]}>
      <p>Runs show up here as they start:</p>
    </Empty>
  );
}

function WorkflowChoice({ chosen }: { chosen: string }) {
  const definitions = useLoad(api.definitions, []);
  const names = definitions.value ?? [];
  const isKnown = !chosen || names.some((one) => one.id === chosen);
  return (
    <select class="field" aria-label="Workflow" value={chosen} onChange={(event) => setQuery({ workflow: event.currentTarget.value })}>
      <option value="">all workflows</option>
      {!isKnown && <option value={chosen}>{chosen}</option>}
      {names.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
    </select>
  );
}

/** How many there are of each status; a press filters. Asked for anew when the feed tells of a start or an end. */
function Counts({ chosen }: { chosen: string }) {
  const counts = useLoad(api.counts, []);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = listen((events) => {
      if (timer || !events.some((event) => event.type.startsWith("WORKFLOW_"))) return;
      timer = setTimeout(() => ((timer = undefined), counts.reload()), 500);
    });
    return () => (stop(), clearTimeout(timer));
  }, []);
  const statuses = chosen ? chosen.split(",") : [];
  const toggle = (status: string): void => {
    const next = statuses.includes(status) ? statuses.filter((one) => one !== status) : [...statuses, status];
    setQuery({ status: next.join(",") });
  };
  return (
    <div class="counts" role="group" aria-label="Status">
      {STATUSES.map((status) => (
        <button key={status} class="chip" aria-pressed={statuses.includes(status)} onClick={() => toggle(status)}>
          <span class={`status ${toneOf(status)}`}>{lookOf(status).word}</span>
          <span class="number">{(counts.value?.[status] ?? 0).toLocaleString()}</span>
        </button>
      ))}
    </div>
  );
}

function Bulk({ runs, onDone }: { runs: readonly Instance[]; onDone: () => void }) {
  const open = runs.filter((run) => !hasEnded(run.status));
  const failed = runs.filter((run) => hasEnded(run.status) && run.status !== "COMPLETED");
  const all = async (which: readonly Instance[], act: (id: string) => Promise<unknown>, done: string): Promise<void> => {
    const results = await Promise.allSettled(which.map((run) => act(run.instanceId)));
    const faults = results.flatMap((result) => (result.status === "rejected" ? [String((result.reason as Error).message)] : []));
    if (results.length > faults.length) toast(`${results.length - faults.length} ${done}`);
    if (faults.length) toast(`${faults.length} not: ${faults[0]}`, "bad");
    onDone();
  };
  return (
    <div class="bulk" role="toolbar" aria-label="Marked runs">
      <b>{runs.length} marked</b>
      <span class="grow" />
      <button class="button small danger" disabled={!open.length} onClick={() => all(open, api.cancel, "cancelled")}>Cancel {open.length || ""}</button>
      <button class="button small" disabled={!failed.length} onClick={() => all(failed, api.redrive, "redriven")}>Redrive {failed.length || ""}</button>
      <button class="button small bare" onClick={onDone}>Clear</button>
    </div>
  );
}
