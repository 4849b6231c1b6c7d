/** What waits for an answer, in all runs: tasks with a token, activities, and below them the Waits. Answered beside the list. */

import { useEffect, useState } from "preact/hooks";
import { api, type Instance, type Task } from "../api/client";
import { isObject, type Json, mask, stringify } from "../api/json";
import { nodesOf } from "../graph/model";
import { readGraph } from "../graph/read";
import { AnswerForm } from "../parts/answer-form";
import { Icon } from "../parts/icons";
import { JsonView } from "../parts/json-view";
import { useEngineLoad, useLiveLoad } from "../parts/live-load";
import { useRows } from "../parts/rows";
import { shortId } from "../parts/run-table";
import { Empty, Fault, Loading } from "../parts/states";
import { Duration, Time } from "../parts/time";
import { place, setQuery, to } from "../router";

/** After these a task waits, or waits no more. */
const CHANGES = /^(Task(Scheduled|Submitted|Started|Succeeded|Failed|TimedOut)|Node(Failed|Aborted)|Execution)/;
const CHARS_SHOWN = 200;
const COMMANDS = (): string[] => [
  `aws stepfunctions send-task-success --endpoint-url ${location.origin} --task-token "$TOKEN" --task-output '{}'`,
  `curl --json '{"token": "…", "output": {}}' ${location.origin}/workflows/tasks/success`,
];

export function InboxPage() {
  const run = place.value.query.get("run") ?? "";
  const loaded = useEngineLoad(loadTasks, CHANGES);
  const [added, setAdded] = useState<readonly Task[]>([]);
  const tasks = [...(loaded.value?.items ?? []), ...added].filter((task) => !run || task.instanceId === run);
  const wanted = place.value.query.get("task");
  const chosen = tasks.find((task) => keyOf(task) === wanted) ?? (run || !wanted ? tasks[0] : undefined);
  const choose = (task: Task): void => setQuery({ task: keyOf(task) });
  const current = useRows(tasks.length, (index) => choose(tasks[index]!));
  useEffect(() => setAdded([]), [loaded.value]);
  const more = async (): Promise<void> => setAdded([...added, ...(await api.tasks(loaded.value?.cursor)).items]);
  return (
    <div class="page full">
      <div class="page-head">
        <div class="title">
          <h1>Inbox</h1>
          <p class="muted">Runs that wait for an answer from outside</p>
        </div>
        {run && <button class="chip" aria-pressed onClick={() => setQuery({ run: undefined })}>{`run ${shortId(run)}`} <Icon name="close" size={11} /></button>}
      </div>
      {loaded.error && <Fault error={loaded.error} retry={loaded.reload} />}
      {!loaded.value && !loaded.error && <Loading />}
      {loaded.value && !tasks.length && <Nothing isFiltered={run !== ""} />}
      {tasks.length > 0 && (
        <div class="split inbox">
          <div class="split-main">
            <div class="view">
              <TaskList tasks={tasks} chosen={chosen} current={current} onChoose={choose} />
              {loaded.value?.cursor && !added.length && <div class="row more"><button class="button" onClick={more}>More</button></div>}
              <Waits />
            </div>
          </div>
          <aside class="split-side" aria-label="Details">{chosen && <Detail key={chosen.token} task={chosen} />}</aside>
        </div>
      )}
      {loaded.value && !tasks.length && <Waits />}
    </div>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <Empty title="This run waits for nothing"><button class="button" onClick={() => setQuery({ run: undefined })}>Show all</button></Empty>;
  return (
    <Empty title="Nobody waits for an answer" commands={COMMANDS()}>
      <p>
        A state whose resource ends in <code>.waitForTaskToken</code>, or is an activity, rests until somebody answers. It shows up here by
        itself, and is answered here or from a program:
      </p>
    </Empty>
  );
}

function TaskList({ tasks, chosen, current, onChoose }: { tasks: readonly Task[]; chosen: Task | undefined; current: number; onChoose: (task: Task) => void }) {
  return (
    <ul class="rows" aria-label="Waiting tasks">
      {tasks.map((task, index) => (
        <li key={task.token}>
          <button class={`task-row${task === chosen ? " selected" : ""}${index === current ? " current" : ""}`} data-row={index} aria-current={task === chosen} onClick={() => onChoose(task)}>
            <Icon name={task.kind === "activity" ? "task" : "inbox"} />
            <span class="grow">
              <span class="row"><b class="clip">{task.stepId}</b> <span class="tag">{wordOf(task)}</span></span>
              <span class="muted clip">{task.workflowName}</span>
            </span>
            <code class="muted clip payload">{stringify(mask(givenTo(task)), 0).slice(0, CHARS_SHOWN)}</code>
            <span class="muted end"><Duration from={task.askedAt} to={undefined} /></span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Detail({ task }: { task: Task }) {
  return (
    <div class="detail">
      <h2 class="clip">{task.stepId}</h2>
      <div class="facts">
        <span>{wordOf(task)}</span>
        <a href={to.workflow(task.workflowDefinitionId)}>{task.workflowName}</a>
        <a class="mono" href={`${to.run(task.instanceId)}?place=${encodeURIComponent(task.stepId)}`}>{shortId(task.instanceId)}</a>
        <span>asked <b><Time at={task.askedAt} /></b></span>
      </div>
      <AnswerForm task={task} />
      <div class="section">
        <h3>What it was given</h3>
        <JsonView value={mask(task.input)} label="What it was given" />
      </div>
      {task.resource && <code class="muted break">{task.resource}</code>}
    </div>
  );
}

/** Runs that stand at a Wait now; of runs inside Parallel and Map states the outer state is what is known. */
function Waits() {
  const loaded = useLiveLoad(loadWaits, [], (event) => event.type.startsWith("WORKFLOW_") || event.type === "STEP_STARTED");
  const waits = loaded.value ?? [];
  if (!waits.length) return null;
  return (
    <section class="waits">
      <h2>Waits</h2>
      <ul class="rows" aria-label="Waits">
        {waits.map(({ run, title, detail }) => (
          <li key={run.instanceId}>
            <a class="task-row" href={`${to.run(run.instanceId)}?place=${encodeURIComponent(run.currentStepId ?? "")}`}>
              <Icon name="wait" />
              <span class="grow">
                <span class="row"><b class="clip">{title}</b> <span class="tag">{detail}</span></span>
                <span class="muted clip">{run.workflowDefinitionName}</span>
              </span>
              <code class="muted">{shortId(run.instanceId)}</code>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

const wordOf = (task: Task): string => (task.kind === "callback" ? "callback" : task.taken ? "activity, taken" : "activity, not taken");
/** What the function was given, of a call of one. */
const givenTo = (task: Task): Json => (isObject(task.input) && "FunctionName" in task.input ? task.input.Payload : task.input);
const keyOf = (task: Task): string => `${task.instanceId}.${task.token.slice(-10)}`;
const loadTasks = () => api.tasks();

type Wait = { run: Instance; title: string; detail: string };

async function loadWaits(): Promise<Wait[]> {
  const [definitions, page] = await Promise.all([api.definitions(), api.instances({ status: "RUNNING", limit: 200 })]);
  const byId = new Map<string, Json>(definitions.map((one) => [one.id, one]));
  return page.items.flatMap((run) => {
    const node = [...nodesOf(readGraph(byId.get(run.workflowDefinitionId)))].find((one) => one.kind === "wait" && one.id === run.currentStepId);
    return node ? [{ run, title: node.title, detail: node.detail }] : [];
  });
}
