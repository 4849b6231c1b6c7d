/** One run, live: its graph, timeline, states and history, and all about the state that is selected. */

import { useMemo } from "preact/hooks";
import { api, type Instance } from "../api/client";
import type { Json } from "../api/json";
import { readGraph } from "../graph/read";
import { useLoad } from "../parts/load";
import { useKey } from "../parts/shortcuts";
import { Fault, Loading } from "../parts/states";
import { Tabs } from "../parts/tabs";
import { place, setQuery } from "../router";
import { useRun } from "../state/follow-run";
import { RunHead } from "./run-head";
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
    <div class="page full run-page">
      <RunHead instance={instance} run={run} />
      <Tabs name="view" tabs={tabs} current={view} label="Run" />
      <div class="split">
        <div class="split-main"><RunView view={view} run={run} body={body} scope={scope} /></div>
        <aside class="split-side" aria-label="Details"><RunSide run={run} instance={instance} body={body} scope={scope} /></aside>
      </div>
    </div>
  );
}

/** `item=<place of the map>:<index>` in the address. */
function readScope(items: readonly string[]): ReadonlyMap<string, number> {
  return new Map(items.map((item) => [item.slice(0, item.lastIndexOf(":")), Number(item.slice(item.lastIndexOf(":") + 1))]));
}

async function load(id: string): Promise<{ instance: Instance; definition: Json }> {
  const [instance, definition] = await Promise.all([api.instance(id), api.instanceDefinition(id)]);
  return { instance, definition };
}
