/** Small drawings, 16 by 16, in the colour of the text around them. */

import type { Kind } from "../graph/model";

const LINES = {
  workflows: "M3 3h4v4H3zM9 9h4v4H9zM5 7v4h4",
  runs: "M5 3.5 12 8l-7 4.5z",
  inbox: "M2 9.5 4 3.5h8l2 6v3.5H2zM2 9.5h3.5l1 1.5h3l1-1.5H14",
  events: "M1.5 8h3l2-4.5 3 9 2-4.5h3",
  functions: "M6 3.5C3 3.5 5.5 8 2.5 8 5.5 8 3 12.5 6 12.5M10 3.5c3 0 .5 4.5 3.5 4.5-3 0-.5 4.5-3.5 4.5",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.1 1.1M11.9 11.9 13 13M3 13l1.1-1.1M11.9 4.1 13 3",
  keyboard: "M1.5 4h13v8h-13zM4 6.5h.1M6.7 6.5h.1M9.3 6.5h.1M12 6.5h.1M4.5 9.5h7",
  copy: "M5.5 5.5h7v7h-7zM3.5 10.5v-7h7",
  close: "m4 4 8 8M12 4l-8 8",
  plus: "M8 3v10M3 8h10",
  done: "m3.5 8.5 3 3 6-7",
  cross: "m4.5 4.5 7 7M11.5 4.5l-7 7",
  alert: "M8 2 14.5 13.5h-13zM8 6.5v3M8 11.4v.1",
  clock: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.8V8l2.2 1.6",
  stop: "M5 5h6v6H5z",
  circle: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3",
  arc: "M8 2.5A5.5 5.5 0 1 1 2.5 8",
  redo: "M12.5 5.5A5 5 0 1 0 13 9M12.8 2.5v3.2H9.6",
  task: "M6 3.5C3 3.5 5.5 8 2.5 8 5.5 8 3 12.5 6 12.5M10 3.5c3 0 .5 4.5 3.5 4.5-3 0-.5 4.5-3.5 4.5",
  pass: "M2.5 8h10M9 4.5 12.5 8 9 11.5",
  choice: "M8 2 14 8l-6 6-6-6z",
  wait: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.8V8l2.2 1.6",
  parallel: "M4 2.5v11M8 2.5v11M12 2.5v11",
  map: "M2.5 4h11M2.5 8h11M2.5 12h11",
  succeed: "m3.5 8.5 3 3 6-7",
  fail: "m4.5 4.5 7 7M11.5 4.5l-7 7",
  unknown: "M5.8 6a2.2 2.2 0 1 1 3 2c-.6.3-.8.7-.8 1.4M8 11.8v.1",
} satisfies Record<string, string>;

export type IconName = keyof typeof LINES | Kind;

export function Icon({ name, class: extra, size = 16 }: { name: IconName; class?: string; size?: number }) {
  return (
    <svg class={extra} width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={LINES[name]} />
    </svg>
  );
}
