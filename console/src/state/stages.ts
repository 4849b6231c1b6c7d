/** The value after each stage of data processing in one visit of a state: what to call a stage, and what it is compared with. Pure. */

import type { Json } from "../api/json";
import type { components } from "../api/schema.gen";
import type { Visit } from "./run";

export type Stage = components["schemas"]["StageView"];
/** What the server answers; `error` says why it went no further. */
export type Stages = components["schemas"]["StagesView"];

const TITLES: Record<string, string> = { output: "Output", variables: "Variables", maxConcurrency: "MaxConcurrency" };
/** Stages that do not come from the one before. */
const FRESH = new Set(["input", "result", "variables", "assigned", "maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage"]);

/** `afterResultSelector` is what ResultSelector made. */
export function titleOf(stage: Stage): string {
  const name = stage.name.replace(/^after/, "");
  return TITLES[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
}

/** The stage a stage is made from: mostly the one before; ResultPath writes into the input. */
export function baseOf(stages: readonly Stage[], index: number): Stage | undefined {
  const stage = stages[index]!;
  if (FRESH.has(stage.name)) return undefined;
  const base = stage.name === "afterResultPath" ? stages.find((one) => one.name === "input") : stages.slice(0, index).findLast((one) => !isLimit(one));
  return base?.value === undefined ? undefined : base;
}

/** What the events alone say, until the server has told the rest. */
export function stagesOf(visit: Visit): Stage[] {
  const told: [string, Json | undefined][] = [
    ["input", visit.input], ["afterArguments", visit.arguments], ["result", visit.result], ["output", visit.output], ["assigned", visit.assigned],
  ];
  return told.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

/** Stages that are looked at first; the others open when asked for. */
export const isMain = (stage: Stage): boolean => ["input", "result", "output", "variables", "assigned"].includes(stage.name);

const isLimit = (stage: Stage): boolean => FRESH.has(stage.name) && stage.name !== "input" && stage.name !== "result";
