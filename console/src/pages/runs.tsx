/** All runs, live, with filters that are part of the address, and actions on many at once. */

import { useEffect, useState } from "preact/hooks";
import { api, type Instance } from "../api/client";
import { listen } from "../api/live";
import { useLoad } from "../parts/load";
import { useRows } from "../parts/rows";
import { RunTable } from "../parts/run-table";
import { useKey } from "../parts/shortcuts";
import { Empty, Fault, Loading } from "../parts/states";
import { lookOf, toneOf } from "../parts/status";
import { toast } from "../parts/toasts";
import { navigate, place, setQuery, to } from "../router";
import { follow } from "../state/runs";
import { hasEnded } from "../state/run";

const STATUSES = ["PENDING", "RUNNING", "COMPLETED", "FAILED", "TIMED_OUT", "CANCELLED"];
const SINCE: Record<string, [string, number]> = { hour: ["last hour", 3_600_000], day: ["last 24 hours", 86_400_000], week: ["last 7 days", 604_800_000] };
const PAGE = 50;
const TYPING_MS = 250;

export function RunsPage() {
  const query = place.value.query;
  const [status, workflow, since, from, before, text] = ["status", "workflow", "since", "from", "before", "text"].map((name) => query.get(name) ?? "") as [string, string, string, string, string, string];
  const startedFrom = from ? instantOf(from) : SINCE[since] && new Date(Date.now() - SINCE[since][1]).toISOString();
  const filter = { status, definition: workflow, startedFrom, startedBefore: before ? instantOf(before) : undefined, text, limit: PAGE };
  const loaded = useLoad(() => api.instances(filter), [status, workflow, since, from, before, text]);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const wanted = { statuses: status ? status.split(",") : [], workflow, startedFrom, startedBefore: filter.startedBefore, text };
  useEffect(() => listen((events) => loaded.set((page) => ({ ...page, items: follow(page.items, events, wanted) as Instance[] }))), [status, workflow, since, from, before, text]);

  const runs = loaded.value?.items ?? [];
  const mark = (ids: readonly string[], isMarked: boolean): void => {
    const next = new Set(marked);
    for (const id of ids) isMarked ? next.add(id) : next.delete(id);
    setMarked(next);
  };
  const current = useRows(runs.length, (index) => navigate(to.run(runs[index]!.instanceId)));
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
          <TimeChoice since={since} from={from} before={before} />
          <SearchField text={text} />
        </div>
      </div>
      <Counts chosen={status} />
      {chosen.length > 0 && <Bulk runs={chosen} onDone={() => setMarked(new Set())} />}
      {loaded.error && <Fault error={loaded.error} retry={loaded.reload} />}
      {!loaded.value && !loaded.error && <Loading />}
      {loaded.value && runs.length > 0 && <RunTable runs={runs} marked={marked} onMark={mark} current={current} withWorkflow />}
      {loaded.value && !runs.length && <Nothing isFiltered={Boolean(status || workflow || since || from || before || text)} />}
      {loaded.value?.cursor && <div class="row"><button class="button" onClick={more}>Older runs</button></div>}
    </div>
  );
}

/** The server searches; it is asked when nobody has typed for a moment. */
function SearchField({ text }: { text: string }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => typed === text || setQuery({ text: typed }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return <input class="field" type="search" placeholder="Id, payload, error  /" aria-label="Search runs" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />;
}

function TimeChoice({ since, from, before }: { since: string; from: string; before: string }) {
  const isBetween = Boolean(from || before) || since === "between";
  const choose = (value: string): void => setQuery({ since: value, from: undefined, before: undefined });
  return (
    <>
      <select class="field" aria-label="Started" value={isBetween ? "between" : since} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">any time</option>
        {Object.entries(SINCE).map(([key, [words]]) => <option key={key} value={key}>{words}</option>)}
        <option value="between">between …</option>
      </select>
      {isBetween && (
        <span class="row">
          <input class="field" type="datetime-local" aria-label="Started from" value={from} onChange={(event) => setQuery({ from: event.currentTarget.value, since: "between" })} />
          –
          <input class="field" type="datetime-local" aria-label="Started before" value={before} onChange={(event) => setQuery({ before: event.currentTarget.value, since: "between" })} />
        </span>
      )}
    </>
  );
}

const instantOf = (local: string): string | undefined => (Number.isNaN(Date.parse(local)) ? undefined : new Date(local).toISOString());

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
    <div class="counts" role="group" aria-label="Status" title="All runs the store holds, those of the items of distributed Maps too">
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
