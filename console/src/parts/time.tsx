/** Times are local, with UTC when pointed at; durations tick while something runs. */

import { signal } from "@preact/signals";

/** The time now, renewed each second while the page is looked at. */
export const now = signal(Date.now());
setInterval(() => document.hidden || (now.value = Date.now()), 1_000);

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const DATE = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

export function Time({ at, fine = false }: { at: string | undefined; fine?: boolean }) {
  if (!at) return <span class="muted">–</span>;
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return (
    <time class="number" dateTime={at} title={`${at.replace("T", " ").replace("Z", "")} UTC`}>
      {isToday || fine ? "" : `${DATE.format(date)}, `}
      {TIME.format(date)}
      {fine && <span class="muted">.{String(date.getMilliseconds()).padStart(3, "0")}</span>}
    </time>
  );
}

export function Duration({ from, to }: { from: string | undefined; to: string | undefined }) {
  if (!from) return <span class="muted">–</span>;
  return <span class="number">{span((to ? Date.parse(to) : Math.max(now.value, Date.parse(from))) - Date.parse(from))}</span>;
}

/** Write a length of time in milliseconds in the largest unit that says enough. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
}
