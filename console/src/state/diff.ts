/** What changed between two JSON values, line by line of how they are written. Pure. */

import { type Json, stringify } from "../api/json";

export interface DiffLine { sign: " " | "+" | "-"; text: string }
export interface Diff { lines: DiffLine[]; added: number; removed: number }

/** Where comparing every line with every other is more than this, a change is shown as a whole: old out, new in. */
const COMPARED_MAX = 10_000_000;
const CONTEXT = 2;

/** Compare; commas at the ends of lines do not count, nor how deep a line stands: a part cut out of a value is the same lines. */
export function diff(before: Json, after: Json): Diff {
  const [old, next] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < old.length && head < next.length && isSame(old[head]!, next[head]!)) head++;
  let tail = 0;
  while (tail < old.length - head && tail < next.length - head && isSame(old.at(-1 - tail)!, next.at(-1 - tail)!)) tail++;
  const middle = align(old.slice(head, old.length - tail), next.slice(head, next.length - tail));
  const lines = [...next.slice(0, head).map(same), ...middle, ...next.slice(next.length - tail).map(same)];
  const count = (sign: DiffLine["sign"]): number => middle.filter((line) => line.sign === sign).length;
  return { lines, added: count("+"), removed: count("-") };
}

/** The changed lines with a little around them; `undefined` stands for lines left out. */
export function shortened(lines: readonly DiffLine[]): (DiffLine | undefined)[] {
  const isNear = new Set<number>();
  lines.forEach((line, index) => {
    if (line.sign !== " ") for (let near = index - CONTEXT; near <= index + CONTEXT; near++) isNear.add(near);
  });
  const shown: (DiffLine | undefined)[] = [];
  lines.forEach((line, index) => {
    if (isNear.has(index)) shown.push(line);
    else if (shown.at(-1) !== undefined || !shown.length) shown.push(undefined);
  });
  return shown;
}

const linesOf = (value: Json): string[] => stringify(value).split("\n").map((line) => line.replace(/,$/, ""));
const isSame = (one: string, other: string): boolean => one.trimStart() === other.trimStart();
const same = (text: string): DiffLine => ({ sign: " ", text });

/** The longest common lines stay, by the usual table. */
function align(old: readonly string[], next: readonly string[]): DiffLine[] {
  const gone = old.map((text): DiffLine => ({ sign: "-", text }));
  const come = next.map((text): DiffLine => ({ sign: "+", text }));
  if (!old.length || !next.length || old.length * next.length > COMPARED_MAX) return [...gone, ...come];
  const [before, after] = [old, next].map((lines) => lines.map((line) => line.trimStart())) as [string[], string[]];
  const width = next.length + 1;
  const common = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = next.length - 1; j >= 0; j--) {
      const longer = Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
      common[i * width + j] = before[i] === after[j] ? common[(i + 1) * width + j + 1]! + 1 : longer;
    }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < next.length) {
    if (before[i] === after[j]) lines.push(same(next[j++]!)), i++;
    else if (common[(i + 1) * width + j]! >= common[i * width + j + 1]!) lines.push(gone[i++]!);
    else lines.push(come[j++]!);
  }
  return [...lines, ...gone.slice(i), ...come.slice(j)];
}
