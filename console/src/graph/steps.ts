/** The steps language as a graph. */

import { isObject, type Json } from "../api/json";
import { conditionText } from "./conditions";
import { type Body, type Edge, type Kind, type Node, part } from "./model";

type Step = Record<string, Json>;
const KINDS: Record<string, Kind> = { function: "task" };
const KNOWN = new Set<string>(["pass", "choice", "wait", "parallel", "map", "succeed", "fail"]);

export function readSteps(document: Step, id: string, title: string): Body {
  const steps = Object.entries(isObject(document.steps) ? document.steps : {}).filter((entry): entry is [string, Step] => isObject(entry[1]));
  return {
    id,
    title,
    start: typeof document.startAt === "string" ? id + part(document.startAt) : null,
    nodes: steps.map(([name, step]) => nodeOf(name, step, id)),
    edges: steps.flatMap(([name, step]) => edgesOf(id + part(name), step, id)),
  };
}

function nodeOf(name: string, step: Step, prefix: string): Node {
  const type = String(step.type);
  const id = prefix + part(name);
  return {
    id,
    name,
    title: typeof step.name === "string" ? step.name : name,
    kind: KINDS[type] ?? (KNOWN.has(type) ? (type as Kind) : "unknown"),
    detail: detailOf(step),
    retries: list(step.retry).length > 0,
    catches: list(step.catch).length > 0,
    bodies: bodiesOf(step, id),
    source: step,
  };
}

function bodiesOf(step: Step, id: string): Body[] {
  if (isObject(step.iterator)) return [readSteps(step.iterator, `${id}/*/`, "each item")];
  return list(step.branches).map((branch, index) => readSteps(branch, `${id}/${index}/`, `branch ${index + 1}`));
}

function detailOf(step: Step): string {
  if (step.type === "wait") return step.until !== undefined ? `until ${step.until}` : `${step.seconds} s`;
  if (step.type === "map" && step.maxConcurrency) return `at most ${step.maxConcurrency} at once`;
  if (step.type === "fail") return String(step.error ?? "");
  return typeof step.functionName === "string" ? step.functionName : "";
}

function edgesOf(from: string, step: Step, prefix: string): Edge[] {
  const edges: Edge[] = [];
  const add = (to: Json, kind: Edge["kind"], label = ""): void => {
    if (typeof to === "string") edges.push({ from, to: prefix + part(to), kind, label });
  };
  add(step.nextStepId, "next");
  for (const choice of list(step.choices)) add(choice.nextStepId, "choice", conditionText(choice.when));
  add(step.defaultStepId, "default", "otherwise");
  for (const handler of list(step.catch)) add(handler.nextStepId, "catch", errorsText(handler.errorEquals));
  return edges;
}

export function errorsText(errors: Json): string {
  const names = Array.isArray(errors) ? errors.map(String) : [];
  return names.includes("States.ALL") ? "any error" : names.join(", ");
}

function list(value: Json): Step[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
