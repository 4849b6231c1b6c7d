/** What steps can call, and from where it comes. */

import { useState } from "preact/hooks";
import { api, type FunctionView } from "../api/client";
import { useLoad } from "../parts/load";
import { Empty, Fault, Loading } from "../parts/states";

export function FunctionsPage() {
  const loaded = useLoad(api.functions, []);
  const [text, setText] = useState("");
  const shown = loaded.value?.filter((one) => `${one.name} ${one.description} ${one.file}`.toLowerCase().includes(text.toLowerCase()));
  return (
    <div class="page">
      <div class="page-head">
        <div class="title"><h1>Functions</h1></div>
        <input class="field" type="search" placeholder="Search  /" aria-label="Search functions" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </div>
      {loaded.error && <Fault error={loaded.error} retry={loaded.reload} />}
      {!shown && !loaded.error && <Loading />}
      {shown && shown.length > 0 && <Table functions={shown} />}
      {shown?.length === 0 && (
        <Empty title={text ? "No function is called like this" : "No functions are registered"} commands={["conductor dev --functions functions.py"]}>
          <p>Every public function of a file called <code>functions.py</code> can be called by its name.</p>
        </Empty>
      )}
    </div>
  );
}

function Table({ functions }: { functions: FunctionView[] }) {
  return (
    <div class="card scroll-x">
      <table class="table">
        <thead>
          <tr>
            <th>Name</th>
            <th>What it does</th>
            <th>From</th>
            <th>Kind</th>
            <th class="end">Time limit</th>
          </tr>
        </thead>
        <tbody>
          {functions.map((one) => (
            <tr key={one.name}>
              <td><code>{one.name}</code></td>
              <td class="muted">{one.description}</td>
              <td class="mono">{one.file ? `${one.file}:${one.line}` : <span class="muted">built in</span>}</td>
              <td class="muted">{one.isAsync ? "async" : "thread"}</td>
              <td class="end number">{one.timeoutSeconds ? `${one.timeoutSeconds} s` : <span class="muted">none</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
