/**
 * Places a graph: every body is laid out by dagre on its own, from the innermost out, and its box then counts as one node of the body
 * around it. Pure; coordinates are pixels of the drawing.
 */

import { Graph, layout as dagre } from "@dagrejs/dagre";
import { type Drawing, LABEL_HEIGHT, type Point, shortLabel, START } from "./drawing";
import type { Body, Edge, Node } from "./model";

const NODE_HEIGHT = 46;
const HEADER = 40;
const PAD = 14;
/** Room for the title of a branch or of what each item goes through. */
const REGION_HEAD = 8;
const GAP = 18;
/** About the width of a bold character of a title in the widest of the usual system fonts. */
const CHAR = 8.2;
const START_SIZE = 14;
/** More nodes than this are ranked by the quicker way, which leaves a few longer lines. */
const LARGE = 80;

/** Place everything. */
export function layout(body: Body): Drawing {
  return placeBody(body, true);
}

function placeBody(body: Body, isWhole: boolean): Drawing {
  const inner = new Map<string, Drawing>();
  const graph = new Graph({ multigraph: true });
  const ranker = body.nodes.length > LARGE ? "tight-tree" : "network-simplex";
  graph.setGraph({ rankdir: "TB", ranker, nodesep: 34, ranksep: 36, edgesep: 14, marginx: PAD, marginy: PAD });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of body.nodes) {
    const drawing = node.bodies.length ? besides(node) : undefined;
    if (drawing) inner.set(node.id, drawing);
    graph.setNode(node.id, { width: Math.max(widthOf(node), drawing?.width ?? 0), height: drawing ? drawing.height + HEADER : NODE_HEIGHT });
  }
  const edges = body.edges.filter((edge) => graph.hasNode(edge.from) && graph.hasNode(edge.to));
  edges.forEach((edge, index) => graph.setEdge(edge.from, edge.to, labelSize(edge), String(index)));
  if (isWhole && body.start && graph.hasNode(body.start)) {
    graph.setNode(START, { width: START_SIZE, height: START_SIZE });
    graph.setEdge(START, body.start, {}, START);
  }
  if (!graph.nodeCount()) return { width: 120, height: 60, boxes: [], regions: [], lines: [] };
  dagre(graph);
  return collect(graph, body, edges, inner);
}

function collect(graph: Graph, body: Body, edges: Edge[], inner: Map<string, Drawing>): Drawing {
  const size = graph.graph() as { width: number; height: number };
  const whole: Drawing = { width: size.width, height: size.height, boxes: [], regions: [], lines: [] };
  for (const node of body.nodes) {
    const { x, y, width, height } = graph.node(node.id) as { x: number; y: number; width: number; height: number };
    const box = { node, x: x - width / 2, y: y - height / 2, width, height };
    whole.boxes.push(box);
    const drawing = inner.get(node.id);
    if (drawing) merge(whole, drawing, box.x + (width - drawing.width) / 2, box.y + HEADER);
  }
  edges.forEach((edge, index) => {
    const found = graph.edge(edge.from, edge.to, String(index)) as { points: Point[]; x?: number; y?: number; width?: number };
    const label = edge.label && found.x !== undefined ? { x: found.x, y: found.y!, width: found.width ?? 0 } : undefined;
    whole.lines.push({ edge, points: found.points, label });
  });
  if (graph.hasNode(START)) {
    const { x, y } = graph.node(START) as Point;
    whole.start = { x, y };
    const points = (graph.edge(START, body.start!, START) as { points: Point[] }).points;
    whole.lines.push({ edge: { from: START, to: body.start!, kind: "next", label: "" }, points });
  }
  return whole;
}

/** Lay out the bodies of a Parallel or Map side by side. */
function besides(node: Node): Drawing {
  const drawings = node.bodies.map((body) => placeBody(body, false));
  const height = Math.max(...drawings.map((one) => one.height));
  const whole: Drawing = { width: PAD, height: height + PAD + REGION_HEAD, boxes: [], regions: [], lines: [] };
  drawings.forEach((one, index) => {
    whole.regions.push({ body: node.bodies[index]!, x: whole.width, y: 0, width: one.width, height: height + REGION_HEAD });
    merge(whole, one, whole.width, REGION_HEAD);
    whole.width += one.width + (index < drawings.length - 1 ? GAP : PAD);
  });
  return whole;
}

function merge(whole: Drawing, part: Drawing, dx: number, dy: number): void {
  const moved = <T extends Point>(one: T): T => ({ ...one, x: one.x + dx, y: one.y + dy });
  whole.boxes.push(...part.boxes.map(moved));
  whole.regions.push(...part.regions.map(moved));
  whole.lines.push(...part.lines.map((line) => ({ ...line, points: line.points.map(moved), label: line.label && moved(line.label) })));
}

function widthOf(node: Node): number {
  const marks = (node.retries ? 34 : 0) + (node.catches ? 38 : 0);
  const box = node.bodies.length ? 120 : 0;
  const text = Math.max(node.title.length * CHAR + (node.detail ? 0 : 28) + box, node.detail.length * CHAR * 0.8 + marks);
  return Math.min(300, Math.max(140, text + 52));
}

function labelSize(edge: Edge): Record<string, unknown> {
  if (!edge.label) return {};
  return { width: shortLabel(edge.label).length * 6 + 12, height: LABEL_HEIGHT, labelpos: "c" };
}
