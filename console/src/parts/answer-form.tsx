/** Answers a task that waits: success with any JSON, failure with error and cause, or a heartbeat that keeps it waiting. */

import { useState } from "preact/hooks";
import { api, type Task } from "../api/client";
import { parse, stringify } from "../api/json";
import { CopyMenu, quoted } from "./copy-menu";
import { JsonEditor } from "./editor";
import { attempt } from "./toasts";

type Kind = "success" | "failure";

export function AnswerForm({ task }: { task: Task }) {
  const [kind, setKind] = useState<Kind>("success");
  const [output, setOutput] = useState("{}");
  const [error, setError] = useState("");
  const [cause, setCause] = useState("");
  const [isBusy, setBusy] = useState(false);
  const fault = kind === "success" ? faultOf(output) : undefined;
  const send = async (): Promise<void> => {
    if (fault || isBusy) return;
    setBusy(true);
    await attempt(() => (kind === "success" ? api.succeed(task.token, parse(output)) : api.fail(task.token, error, cause)), kind === "success" ? "Answered: success" : "Answered: failure");
    setBusy(false);
  };
  return (
    <div class="answer">
      <div class="row wrap" role="group" aria-label="Answer">
        {(["success", "failure"] as const).map((one) => (
          <button key={one} class="chip" aria-pressed={kind === one} onClick={() => setKind(one)}>{one === "success" ? "Success" : "Failure"}</button>
        ))}
        <span class="grow" />
        <button class="button small" onClick={() => attempt(() => api.beat(task.token), "Heartbeat sent")}>Heartbeat</button>
        <CopyMenu copies={copiesOf(task, kind, { output, error, cause })} small />
      </div>
      {kind === "success" && <JsonEditor text={output} label="Output" size="brief" onChange={setOutput} onSubmit={send} />}
      {kind === "failure" && (
        <>
          <label class="labelled">Error<input class="field" value={error} placeholder="CardDeclined" onInput={(event) => setError(event.currentTarget.value)} /></label>
          <label class="labelled">Cause<textarea class="field" rows={3} value={cause} onInput={(event) => setCause(event.currentTarget.value)} /></label>
        </>
      )}
      <div class="row">
        <span class="grow muted">{fault ? <span class="bad">{fault}</span> : kind === "success" ? "Any JSON. Ctrl Enter sends it" : "Retry and Catch of the state see this error"}</span>
        <button class="button primary" disabled={Boolean(fault) || isBusy} onClick={send}>{kind === "success" ? "Send success" : "Send failure"}</button>
      </div>
    </div>
  );
}

function copiesOf(task: Task, kind: Kind, said: { output: string; error: string; cause: string }): Record<string, () => string> {
  const body = (): string => stringify(kind === "success" ? { token: task.token, output: parse(said.output) } : { token: task.token, error: said.error, cause: said.cause }, 0);
  const answer = (): string => (kind === "success" ? `--task-output ${quoted(said.output)}` : `--error ${quoted(said.error)} --cause ${quoted(said.cause)}`);
  return {
    "Task token": () => task.token,
    "As curl": () => `curl --json ${quoted(body())} ${location.origin}/workflows/tasks/${kind}`,
    "As AWS CLI line": () => `aws stepfunctions send-task-${kind} --endpoint-url ${location.origin} --task-token ${quoted(task.token)} ${answer()}`,
  };
}

function faultOf(text: string): string | undefined {
  try {
    parse(text);
    return undefined;
  } catch (fault) {
    return (fault as Error).message;
  }
}
