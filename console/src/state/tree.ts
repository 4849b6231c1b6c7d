/** Visits in the order of the workflow's boxes: what happened in a Parallel or Map comes below it, branch by branch. Pure. */

import type { Visit } from "./run";

/** Parents first, then theirs; within a branch or an item in the order they were entered. */
export function inTreeOrder(visits: readonly Visit[]): Visit[] {
  const children = new Map<Visit | undefined, Visit[]>();
  const latest = new Map<string, Visit>();
  for (const visit of visits) {
    const parent = latest.get(keyOf(visit.path.slice(0, -2), visit.path.at(-2)));
    const those = children.get(parent);
    if (those) those.push(visit);
    else children.set(parent, [visit]);
    latest.set(keyOf(visit.path, visit.node), visit);
  }
  for (const [parent, those] of children) if (parent) those.sort((a, b) => Number(a.path.at(-1)) - Number(b.path.at(-1)));
  const ordered: Visit[] = [];
  const rest = [...(children.get(undefined) ?? [])].reverse();
  for (let visit = rest.pop(); visit; visit = rest.pop()) {
    ordered.push(visit);
    const those = children.get(visit) ?? [];
    for (let index = those.length - 1; index >= 0; index--) rest.push(those[index]!);
  }
  return ordered;
}

const keyOf = (path: readonly (string | number)[], node: string | number | undefined): string => [...path, node].join("\u0000");
