/** One run of a distributed Map: how far its items are, its limits, and the runs it started. */

import { useState } from "preact/hooks";
import { api, type Counts, type InstancePage, type Limits, type MapRun } from "../api/client";
import { useLiveLoad } from "./live-load";
import { RunTable } from "./run-table";
import { Fault, Loading } from "./states";
import { Status } from "./status";
import { Duration } from "./time";
import { attempt } from "./toasts";

const CHILDREN = 25;
const PARTS: [keyof Counts, string, string][] = [
  ["succeeded", "succeeded", "ok"], ["failed", "failed", "bad"], ["timedOut", "timed out", "warn"], ["aborted", "stopped", "still"],
  ["running", "running", "running"], ["pending", "to come", "none"],
];
const LIMITS: [keyof Limits, string, string][] = [
  ["maxConcurrency", "At once", "0: as many as can"], ["toleratedFailureCount", "May fail", "items"], ["toleratedFailurePercentage", "May fail, %", "of the items"],
];

type Props = { execution: string; run: string; version: number };

export function MapRunPanel({ execution, run }: Props) {
  const loaded = useLiveLoad(() => load(execution, run), [execution, run]);
  const [older, setOlder] = useState<InstancePage>();
  if (!loaded.value) return loaded.error ? <Fault error={loaded.error} retry={loaded.reload} /> : <Loading />;
  const { view, children } = loaded.value;
  const cursor = older ? older.cursor : children.cursor;
  const more = async (): Promise<void> => {
    const page = await api.instances({ of: execution, mapRun: run, limit: 4 * CHILDREN, cursor });
    setOlder({ items: [...(older?.items ?? []), ...page.items], cursor: page.cursor });
  };
  return (
    <div class="section">
      {view && <Progress view={view} />}
      {view?.status === "RUNNING" && <LimitsForm execution={execution} view={view} onSaved={loaded.reload} />}
      <h3>Runs of its items</h3>
      {children.items.length > 0 ? <RunTable runs={[...children.items, ...(older?.items ?? [])]} isNarrow /> : <p class="muted">None has started.</p>}
      {cursor && <div><button class="button small" onClick={more}>More</button></div>}
    </div>
  );
}

function Progress({ view }: { view: MapRun }) {
  const counts = view.items;
  const total = Math.max(1, counts.total);
  const shown = PARTS.filter(([name]) => counts[name] > 0);
  return (
    <>
      <div class="row">
        <h3 class="grow">{`Map run: ${(view.itemCount ?? counts.total).toLocaleString()} items`}</h3>
        <Status of={view.status} />
        <Duration from={view.startedAt} to={view.endedAt ?? undefined} />
      </div>
      <div class="meter" role="img" aria-label={shown.map(([name, word]) => `${counts[name]} ${word}`).join(", ")}>
        {shown.map(([name, , tone]) => <span key={name} class={`tone-${tone}`} style={{ width: `${(counts[name] / total) * 100}%` }} />)}
      </div>
      <div class="facts">{shown.map(([name, word]) => <span key={name}><b class="number">{counts[name].toLocaleString()}</b> {word}</span>)}</div>
    </>
  );
}

function LimitsForm({ execution, view, onSaved }: { execution: string; view: MapRun; onSaved: () => void }) {
  const [limits, setLimits] = useState<Partial<Limits>>({});
  const changed = Object.fromEntries(Object.entries(limits).filter(([name, value]) => value !== view[name as keyof Limits]));
  const save = (event: SubmitEvent): void => {
    event.preventDefault();
    void attempt(async () => (await api.updateMapRun(execution, view.run, changed), setLimits({}), onSaved()), "Limits changed");
  };
  return (
    <form class="limits" onSubmit={save}>
      {LIMITS.map(([name, label, hint]) => (
        <label key={name} class="labelled" title={hint}>
          {label}
          <input class="field number" type="number" min="0" step={name === "toleratedFailurePercentage" ? "any" : "1"} value={limits[name] ?? view[name]} onInput={(event) => setLimits({ ...limits, [name]: event.currentTarget.valueAsNumber || 0 })} />
        </label>
      ))}
      <button class="button" disabled={!Object.keys(changed).length}>Set</button>
    </form>
  );
}

async function load(execution: string, run: string): Promise<{ view: MapRun | undefined; children: InstancePage }> {
  const [views, children] = await Promise.all([api.mapRuns(execution), api.instances({ of: execution, mapRun: run, limit: CHILDREN })]);
  return { view: views.items.find((one) => one.run === run), children };
}
