/** The iterations of a map as a strip of cells, one for each, coloured by how it stands. One can be opened by a click or by keys. */

import { useEffect, useRef } from "preact/hooks";
import { type Iteration, isOpen } from "../state/run";
import { tally } from "../state/select";
import { lookOf } from "./status";

type Props = { iterations: readonly Iteration[]; chosen: number | undefined; onChoose: (index: number | undefined) => void; version: number };

const CELL_MAX = 14;
const CELL_MIN = 4;
const HEIGHT_MAX = 150;
const TONES: Record<string, string> = { running: "--running", ok: "--ok", bad: "--bad", warn: "--warn", still: "--line-strong" };

export function Heat({ iterations, chosen, onChoose, version }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const grid = useRef({ cell: CELL_MAX, columns: 1 });
  useEffect(() => {
    const paint = (): void => {
      if (canvas.current) grid.current = draw(canvas.current, iterations, chosen);
    };
    paint();
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", paint);
    const resized = new ResizeObserver(paint);
    resized.observe(canvas.current!.parentElement!);
    return () => (scheme.removeEventListener("change", paint), resized.disconnect());
  }, [iterations, chosen, version]);
  const pick = (event: MouseEvent): void => {
    const { cell, columns } = grid.current;
    const index = Math.floor(event.offsetY / cell) * columns + Math.floor(event.offsetX / cell);
    if (index < iterations.length) onChoose(index === chosen ? undefined : index);
  };
  const key = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: grid.current.columns, ArrowUp: -grid.current.columns }[event.key];
    if (!step) return;
    event.preventDefault();
    onChoose(Math.min(iterations.length - 1, Math.max(0, (chosen ?? -1) + step)));
  };
  const { done, failed, open, total } = tally(iterations);
  const word = chosen === undefined ? undefined : lookOf(iterations[chosen]?.status ?? "").word;
  const firstFailed = iterations.find((one) => one.status === "failed");
  const firstOpen = iterations.find((one) => isOpen(one) && one.startedAt);
  return (
    <div class="section">
      <div class="section-head">
        <h3 class="grow">{`${total.toLocaleString()} iterations: ${done} done, ${failed} failed, ${open} running`}</h3>
        {firstFailed && <button class="button small" onClick={() => onChoose(firstFailed.index)}>First failed</button>}
        {!firstFailed && firstOpen && <button class="button small" onClick={() => onChoose(firstOpen.index)}>First running</button>}
      </div>
      <canvas ref={canvas} class="heat" role="slider" tabIndex={0} aria-label="Iterations" aria-valuemin={0} aria-valuemax={Math.max(0, total - 1)} aria-valuenow={chosen ?? 0} aria-valuetext={word ? `iteration ${chosen}, ${word}` : "all iterations"} onClick={pick} onKeyDown={key} />
      <div class="row">
        <span class="grow muted">{word ? `Iteration ${chosen}: ${word}` : "Choose one to see only what it did"}</span>
        {chosen !== undefined && <button class="button small" onClick={() => onChoose(undefined)}>All iterations</button>}
      </div>
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, iterations: readonly Iteration[], chosen: number | undefined): { cell: number; columns: number } {
  const width = canvas.parentElement!.clientWidth;
  let cell = CELL_MAX;
  while (cell > CELL_MIN && Math.ceil(iterations.length / Math.floor(width / cell)) * cell > HEIGHT_MAX) cell--;
  const columns = Math.max(1, Math.floor(width / cell));
  const height = Math.max(cell, Math.ceil(iterations.length / columns) * cell);
  const ratio = devicePixelRatio;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d")!;
  pen.scale(ratio, ratio);
  const colours = Object.fromEntries(Object.entries(TONES).map(([tone, name]) => [tone, colourOf(canvas, name)]));
  const gap = cell > 6 ? 2 : 1;
  iterations.forEach((iteration, index) => {
    const isWaiting = iteration.status === "waiting";
    pen.fillStyle = colours[isWaiting ? "still" : lookOf(iteration.status).tone]!;
    pen.fillRect((index % columns) * cell, Math.floor(index / columns) * cell, cell - gap, cell - gap);
  });
  if (chosen !== undefined) {
    pen.strokeStyle = colourOf(canvas, "--text");
    pen.lineWidth = 2;
    pen.strokeRect((chosen % columns) * cell, Math.floor(chosen / columns) * cell, cell - gap, cell - gap);
  }
  return { cell, columns };
}

/** The colour that a token has here, light or dark. */
function colourOf(element: HTMLElement, token: string): string {
  element.style.color = `var(${token})`;
  const colour = getComputedStyle(element).color;
  element.style.color = "";
  return colour;
}
