/** What a graph shows, whichever language a workflow is written in: bodies of nodes and edges, nested by Parallel and Map. */

import type { Json } from "../api/json";

export type Kind = "task" | "pass" | "choice" | "wait" | "parallel" | "map" | "succeed" | "fail" | "unknown";
export type EdgeKind = "next" | "choice" | "default" | "catch";

export interface Node {
  /** The place in the workflow, such as `ship/*` + `/reserve`: unique, and the same for every item of a map. */
  id: string;
  /** What the workflow calls it. */
  name: string;
  title: string;
  kind: Kind;
  /** One line about what it does: the function it calls, how long it waits. */
  detail: string;
  retries: boolean;
  catches: boolean;
  bodies: Body[];
  /** The state as its author wrote it. */
  source: Json;
}

export interface Edge {
  from: string;
  to: string;
  kind: EdgeKind;
  label: string;
}

export interface Body {
  /** "" for the workflow itself; else the place of the box, with a slash at its end. */
  id: string;
  title: string;
  start: string | null;
  nodes: Node[];
  edges: Edge[];
}

/** Return the place of a node: branches are told apart, the items of a map are not. */
export function placeOf(path: readonly (string | number)[], node: string, isMap: (place: string) => boolean): string {
  let place = "";
  for (let i = 0; i + 1 < path.length; i += 2) {
    place += part(String(path[i]));
    place += isMap(place) ? "/*/" : `/${path[i + 1]}/`;
  }
  return place + part(node);
}

/** Write a name so that it cannot be taken for more than one part of a place. */
export const part = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** All nodes of a body and of those inside it. */
export function* nodesOf(body: Body): Generator<Node> {
  for (const node of body.nodes) {
    yield node;
    for (const inner of node.bodies) yield* nodesOf(inner);
  }
}
