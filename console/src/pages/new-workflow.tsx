/** Writes a new workflow, beginning from an example in either language. */

import { useState } from "preact/hooks";
import { api } from "../api/client";
import { stringify } from "../api/json";
import { Source } from "../parts/source";
import { attempt } from "../parts/toasts";
import { navigate, to } from "../router";

const EXAMPLES: Record<string, unknown> = {
  Steps: {
    name: "my-workflow",
    description: "Waits a moment and answers",
    startAt: "pause",
    steps: { pause: { type: "wait", seconds: 1, nextStepId: "answer" }, answer: { type: "pass", result: "hello", resultPath: "$.said" } },
  },
  "States Language": {
    name: "my-state-machine",
    Comment: "Waits a moment and answers",
    StartAt: "Pause",
    States: { Pause: { Type: "Wait", Seconds: 1, Next: "Answer" }, Answer: { Type: "Pass", Result: "hello", ResultPath: "$.said", End: true } },
  },
};

export function NewWorkflowPage() {
  const [text, setText] = useState(stringify(EXAMPLES.Steps));
  const [isValid, setValid] = useState(false);
  const create = (): Promise<boolean> =>
    attempt(async () => {
      const made = await api.create(text);
      navigate(to.workflow(made.id));
    }, "Workflow created");
  return (
    <div class="page">
      <div class="page-head">
        <div class="title">
          <div class="crumbs"><a href={to.workflows}>Workflows</a> /</div>
          <h1>New workflow</h1>
        </div>
        <div class="actions">
          {Object.entries(EXAMPLES).map(([name, example]) => (
            <button key={name} class="chip" aria-pressed={text === stringify(example)} onClick={() => setText(stringify(example))}>{name}</button>
          ))}
          <button class="button primary" disabled={!isValid} onClick={create}>Create</button>
        </div>
      </div>
      <Source text={text} onChange={(next) => (setValid(false), setText(next))} onVerdict={setValid} onSubmit={() => isValid && create()} />
    </div>
  );
}
