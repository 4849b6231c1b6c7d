/** What steps can call: from where it comes, how often it was called, how long it took. */

import { useState } from "preact/hooks";
import { api, type FunctionView } from "../api/client";
import { useLiveLoad } from "../parts/live-load";
import { useRows } from "../parts/rows";
import { Empty, Fault, Loading } from "../parts/states";
import { span, Time } from "../parts/time";

export function FunctionsPage() {
  const loaded = useLiveLoad(api.functions, [], (event) => event.type.startsWith("STEP_"));
  const [text, setText] = useState("");
  const shown = loaded.value?.filter((one) => `${one.name} ${one.description} ${one.file}`.toLowerCase().includes(text.toLowerCase()));
  const current = useRows(shown?.length ?? 0, () => undefined);
  return (
    <div class="page">
      <div class="page-head">
        <div class="title">
          <h1>Functions</h1>
          <p class="muted">What steps can call, with the calls since the server started</p>
        </div>
        <input class="field" type="search" placeholder="Search  /" aria-label="Search functions" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </div>
      {loaded.error && <Fault error={loaded.error} retry={loaded.reload} />}
      {!shown && !loaded.error && <Loading />}
      {shown && shown.length > 0 && <Table functions={shown} current={current} />}
      {shown?.length === 0 && (
        <Empty title={text ? "No function is called like this" : "No functions are registered"} commands={["conductor dev --functions functions.py"]}>
          <p>Every public function of a file called <code>functions.py</code> can be called by its name.</p>
        </Empty>
      )}
    </div>
  );
}

function Table({ functions, current }: { functions: FunctionView[]; current: number }) {
  return (
    <div class="card scroll-x">
      <table class="table">
        <thead>
          <tr>
            <th>Name</th>
            <th class="wide">From</th>
            <th class="end">Calls</th>
            <th class="end">Failed</th>
            <th class="end wide">Mean</th>
            <th class="end wide">p95</th>
            <th class="end wide">Time limit</th>
            <th class="wide">Last call</th>
          </tr>
        </thead>
        <tbody>
          {functions.map((one, index) => (
            <tr key={one.name} data-row={index} class={index === current ? "current" : undefined}>
              <td>
                <div class="row wrap"><code class="strong">{one.name}</code>{one.isAsync && <span class="tag">async</span>}</div>
                {one.description && <div class="muted about">{one.description}</div>}
              </td>
              <td class="muted wide">{one.file ? <span class="mono" title={`${one.file}:${one.line}`}>{`${tailOf(one.file)}:${one.line}`}</span> : "built in"}</td>
              <td class="end number tight">{(one.calls ?? 0).toLocaleString()}{(one.running ?? 0) > 0 && <span class="running-now">{` ${one.running} now`}</span>}</td>
              <td class="end number">{one.failures ? <span class="bad">{one.failures.toLocaleString()}</span> : <span class="muted">0</span>}</td>
              <td class="end number tight wide">{lengthOf(one.meanSeconds)}</td>
              <td class="end number tight wide">{lengthOf(one.p95Seconds)}</td>
              <td class="end number wide">{one.timeoutSeconds ? `${one.timeoutSeconds} s` : <span class="muted">none</span>}</td>
              <td class="tight wide">{one.lastCalledAt ? <Time at={one.lastCalledAt} /> : <span class="muted">not yet</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The last parts of a path; the whole is shown when pointed at. */
const tailOf = (file: string): string => file.split("/").slice(-2).join("/");

function lengthOf(seconds: number | undefined) {
  if (seconds === undefined) return <span class="muted">–</span>;
  return seconds < 0.001 ? "< 1 ms" : span(seconds * 1_000);
}
