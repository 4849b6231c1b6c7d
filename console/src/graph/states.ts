/** The Amazon States Language as a graph. */

import { isObject, type Json } from "../api/json";
import { conditionText } from "./conditions";
import { type Body, type Edge, type Kind, type Node, part } from "./model";
import { errorsText } from "./steps";

type State = Record<string, Json>;
const KINDS = new Set(["Task", "Pass", "Choice", "Wait", "Parallel", "Map", "Succeed", "Fail"]);

export function readStates(document: State, id: string, title: string): Body {
  const states = Object.entries(isObject(document.States) ? document.States : {}).filter((entry): entry is [string, State] => isObject(entry[1]));
  return {
    id,
    title,
    start: typeof document.StartAt === "string" ? id + part(document.StartAt) : null,
    nodes: states.map(([name, state]) => nodeOf(name, state, id)),
    edges: states.flatMap(([name, state]) => edgesOf(id + part(name), state, id)),
  };
}

function nodeOf(name: string, state: State, prefix: string): Node {
  const type = String(state.Type);
  const id = prefix + part(name);
  return {
    id,
    name,
    title: name,
    kind: KINDS.has(type) ? (type.toLowerCase() as Kind) : "unknown",
    detail: detailOf(state),
    retries: list(state.Retry).length > 0,
    catches: list(state.Catch).length > 0,
    bodies: bodiesOf(state, id),
    source: state,
  };
}

function bodiesOf(state: State, id: string): Body[] {
  const processor = state.ItemProcessor ?? state.Iterator;
  if (isObject(processor)) return [readStates(processor, `${id}/*/`, isDistributed(processor) ? "each item, in its own run" : "each item")];
  return list(state.Branches).map((branch, index) => readStates(branch, `${id}/${index}/`, `branch ${index + 1}`));
}

function isDistributed(processor: State): boolean {
  return isObject(processor.ProcessorConfig) && processor.ProcessorConfig.Mode === "DISTRIBUTED";
}

function detailOf(state: State): string {
  if (state.Type === "Wait") {
    const until = state.Timestamp ?? state.TimestampPath;
    return until !== undefined ? `until ${until}` : `${state.Seconds ?? state.SecondsPath} s`;
  }
  if (state.Type === "Fail") return String(state.Error ?? state.ErrorPath ?? "");
  if (state.Type === "Map" && state.MaxConcurrency) return `at most ${state.MaxConcurrency} at once`;
  return typeof state.Resource === "string" ? resourceText(state) : "";
}

/** The function's own name where there is one, else the service and action. */
function resourceText(state: State): string {
  const resource = String(state.Resource);
  const lambda = /^arn:[^:]*:lambda:[^:]*:[^:]*:function:([^:]+)/.exec(resource);
  if (lambda) return lambda[1]!;
  const given = isObject(state.Parameters) ? state.Parameters : isObject(state.Arguments) ? state.Arguments : {};
  if (resource.includes("lambda:invoke") && typeof given.FunctionName === "string") return given.FunctionName.split(":function:").pop()!;
  return resource.replace(/^arn:[^:]*:states:[^:]*:[^:]*:/, "");
}

function edgesOf(from: string, state: State, prefix: string): Edge[] {
  const edges: Edge[] = [];
  const add = (to: Json, kind: Edge["kind"], label = ""): void => {
    if (typeof to === "string") edges.push({ from, to: prefix + part(to), kind, label });
  };
  add(state.Next, "next");
  for (const choice of list(state.Choices)) add(choice.Next, "choice", conditionText(choice));
  add(state.Default, "default", "otherwise");
  for (const handler of list(state.Catch)) add(handler.Next, "catch", errorsText(handler.ErrorEquals));
  return edges;
}

function list(value: Json): State[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
