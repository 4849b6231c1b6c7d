/** Draws a graph: pan by dragging, zoom by wheel or keys, every node a button. What a node's state is comes from outside. */

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Icon } from "../parts/icons";
import { lookOf } from "../parts/status";
import { type Box, type Drawing, LABEL_HEIGHT, type Line, type Point, type Region, shortLabel } from "./drawing";
import type { Body, Node } from "./model";

export type Mark = { status?: string; text?: string };
type Props = { body: Body; markOf?: (node: Node) => Mark; isTaken?: (from: string, to: string) => boolean; selected?: string; onSelect?: (node: Node | undefined) => void; /** More buttons. */ tools?: ComponentChildren };
type View = { x: number; y: number; scale: number };

const SCALE_MAX = 1.15;

export function Graph({ body, markOf = () => ({}), isTaken = () => false, selected, onSelect, tools }: Props) {
  const [drawing, setDrawing] = useState<Drawing>();
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>({ x: 0, y: 0, scale: 1 });
  const shape = useMemo(() => JSON.stringify(body, (name, value) => (name === "source" ? undefined : value)), [body]);
  const fit = (whole = drawing): void => {
    if (whole && frame.current) setView(fitted(whole, frame.current));
  };
  useEffect(() => {
    let isCurrent = true;
    void import("./layout").then(({ layout }) => {
      if (!isCurrent) return;
      const start = performance.now();
      const next = layout(body);
      performance.measure("graph layout", { start });
      setDrawing(next);
      fit(next);
    });
    return () => void (isCurrent = false);
  }, [shape]);
  useEffect(() => {
    const watch = new ResizeObserver(() => fit());
    watch.observe(frame.current!);
    return () => watch.disconnect();
  }, [drawing]);
  const zoom = (factor: number, at?: Point): void => setView((old) => zoomed(old, factor, at ?? middle(frame.current!)));
  return (
    <div class="graph" ref={frame}>
      {drawing && (
        <svg class="drawing" role="group" aria-label="Graph of the workflow" {...dragging(setView, () => onSelect?.(undefined))} onWheel={(event) => wheel(event, zoom)}>
          <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`}>
            {drawing.boxes.filter((box) => box.node.bodies.length).map((box) => nodeShape(box))}
            {drawing.regions.map((region) => <RegionShape key={region.body.id} region={region} />)}
            {drawing.lines.map((line, index) => <LineShape key={index} line={line} taken={isTaken(line.edge.from, line.edge.to)} />)}
            {drawing.start && <circle class="g-start" cx={drawing.start.x} cy={drawing.start.y} r="5" />}
            {drawing.boxes.filter((box) => !box.node.bodies.length).map((box) => nodeShape(box))}
          </g>
        </svg>
      )}
      <div class="graph-tools">
        {tools}
        <button class="button small" aria-label="Zoom in" onClick={() => zoom(1.25)}>+</button>
        <button class="button small" aria-label="Zoom out" onClick={() => zoom(0.8)}>−</button>
        <button class="button small" onClick={() => fit()}>Fit</button>
      </div>
    </div>
  );

  function nodeShape(box: Box) {
    return <NodeShape key={box.node.id} box={box} mark={markOf(box.node)} isSelected={box.node.id === selected} onSelect={() => onSelect?.(box.node)} />;
  }
}

function NodeShape({ box, mark, isSelected, onSelect }: { box: Box; mark: Mark; isSelected: boolean; onSelect: () => void }) {
  const { node, width } = box;
  const look = mark.status ? lookOf(mark.status) : undefined;
  const isBox = node.bodies.length > 0;
  const isRound = node.kind === "succeed" || node.kind === "fail";
  const note = mark.text ?? [node.retries && "retry", node.catches && "catch"].filter(Boolean).join(" · ");
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "Enter" || event.key === " ") (event.preventDefault(), onSelect());
  };
  const classes = ["g-node", isBox && "box", look && `has-tone tone-${look.tone}`].filter(Boolean).join(" ");
  return (
    <g class={classes} transform={`translate(${box.x} ${box.y})`} role="button" tabIndex={0} aria-pressed={isSelected} data-place={node.id} onClick={onSelect} onKeyDown={pressed}>
      {isSelected && <rect class="halo" x="-4" y="-4" width={width + 8} height={box.height + 8} rx={isRound ? 27 : 11} />}
      <rect class="shape" width={width} height={box.height} rx={isRound ? 23 : 8} />
      <foreignObject width={width} height={isBox ? 40 : box.height}>
        <div class="g-inner" title={node.title}>
          <Icon name={node.kind} />
          <div class="grow">
            <div class="name clip">{node.title}</div>
            {!isBox && (node.detail || note) && <div class="under"><span class="what clip grow">{node.detail}</span> <span class="mark">{note}</span></div>}
          </div>
          {isBox && <span class="mark">{note}</span>}
          <span class="visually-hidden">{`, ${node.kind}${look ? `, ${look.word}` : ""}`}</span>
        </div>
      </foreignObject>
    </g>
  );
}

function RegionShape({ region }: { region: Region }) {
  return (
    <g>
      <rect class="g-region" x={region.x} y={region.y} width={region.width} height={region.height} rx="8" />
      <text class="g-region-title" x={region.x + 8} y={region.y + 14}>{region.body.title}</text>
    </g>
  );
}

function LineShape({ line, taken }: { line: Line; taken: boolean }) {
  const kind = `${line.edge.kind}${taken ? " taken" : ""}`;
  const end = line.points.at(-1)!;
  const before = line.points.at(-2) ?? end;
  const angle = (Math.atan2(end.y - before.y, end.x - before.x) * 180) / Math.PI;
  return (
    <g>
      <path class={`g-line ${kind}`} d={curve(line.points)} />
      <path class={`g-tip ${kind}`} d="M0 0 -8 -4 -8 4z" transform={`translate(${end.x} ${end.y}) rotate(${angle})`} />
      {line.label && (
        <g class="g-label" transform={`translate(${line.label.x} ${line.label.y})`}>
          <title>{line.edge.label}</title>
          <rect x={-line.label.width / 2} y={-LABEL_HEIGHT / 2} width={line.label.width} height={LABEL_HEIGHT} rx="4" />
          <text>{shortLabel(line.edge.label)}</text>
        </g>
      )}
    </g>
  );
}

/** A smooth line through the points: each corner is rounded towards the middles of the pieces beside it. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  let path = `M${first!.x} ${first!.y}`;
  for (let i = 0; i < rest.length - 1; i++) {
    const [corner, next] = [rest[i]!, rest[i + 1]!];
    const isLast = i === rest.length - 2;
    const to = isLast ? next : { x: (corner.x + next.x) / 2, y: (corner.y + next.y) / 2 };
    path += ` Q${corner.x} ${corner.y} ${to.x} ${to.y}`;
  }
  return rest.length === 1 ? `${path} L${rest[0]!.x} ${rest[0]!.y}` : path;
}

function fitted(drawing: Drawing, frame: HTMLElement): View {
  const { clientWidth: width, clientHeight: height } = frame;
  const scale = Math.min(SCALE_MAX, (width - 32) / drawing.width, (height - 32) / drawing.height);
  return { scale, x: (width - drawing.width * scale) / 2, y: Math.max(16, (height - drawing.height * scale) / 2) };
}

function zoomed(view: View, factor: number, at: Point): View {
  const scale = Math.min(3, Math.max(0.05, view.scale * factor));
  const ratio = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

const middle = (frame: HTMLElement): Point => ({ x: frame.clientWidth / 2, y: frame.clientHeight / 2 });

function wheel(event: WheelEvent, zoom: (factor: number, at: Point) => void): void {
  event.preventDefault();
  const frame = (event.currentTarget as Element).getBoundingClientRect();
  zoom(Math.exp(-event.deltaY / 500), { x: event.clientX - frame.x, y: event.clientY - frame.y });
}

/** Handlers that move the view with the pointer; a click beside every node deselects. */
function dragging(setView: (change: (view: View) => View) => void, onBeside: () => void) {
  let from: Point | undefined;
  let hasMoved = false;
  return {
    onPointerDown: (event: PointerEvent) => {
      from = { x: event.clientX, y: event.clientY };
      hasMoved = false;
      const move = (next: PointerEvent): void => {
        const [dx, dy] = [next.clientX - from!.x, next.clientY - from!.y];
        if (!hasMoved && Math.hypot(dx, dy) < 4) return;
        hasMoved = true;
        from = { x: next.clientX, y: next.clientY };
        setView((view) => ({ ...view, x: view.x + dx, y: view.y + dy }));
      };
      addEventListener("pointermove", move);
      addEventListener("pointerup", () => removeEventListener("pointermove", move), { once: true });
      if (!(event.target as Element).closest(".g-node")) addEventListener("pointerup", () => hasMoved || onBeside(), { once: true });
    },
  };
}
