/** How a run or a state stands: a word, a shape and a colour, never colour alone. */

import { Icon, type IconName } from "./icons";

type Look = { tone: string; icon: IconName; word: string };
const LOOKS: Record<string, Look> = {
  PENDING: { tone: "still", icon: "circle", word: "Pending" },
  RUNNING: { tone: "running", icon: "arc", word: "Running" },
  COMPLETED: { tone: "ok", icon: "done", word: "Completed" },
  FAILED: { tone: "bad", icon: "cross", word: "Failed" },
  TIMED_OUT: { tone: "warn", icon: "clock", word: "Timed out" },
  CANCELLED: { tone: "still", icon: "stop", word: "Cancelled" },
  SUCCEEDED: { tone: "ok", icon: "done", word: "Succeeded" },
  ABORTED: { tone: "still", icon: "stop", word: "Aborted" },
  running: { tone: "running", icon: "arc", word: "running" },
  retrying: { tone: "warn", icon: "redo", word: "waiting to retry" },
  waiting: { tone: "running", icon: "clock", word: "waiting" },
  succeeded: { tone: "ok", icon: "done", word: "succeeded" },
  failed: { tone: "bad", icon: "cross", word: "failed" },
  caught: { tone: "warn", icon: "alert", word: "failed, caught" },
  aborted: { tone: "still", icon: "stop", word: "stopped" },
  scheduled: { tone: "still", icon: "circle", word: "scheduled" },
  submitted: { tone: "running", icon: "clock", word: "submitted, waits" },
  "timed out": { tone: "warn", icon: "clock", word: "timed out" },
};
const OTHER: Look = { tone: "still", icon: "circle", word: "" };

export const lookOf = (status: string): Look => LOOKS[status] ?? { ...OTHER, word: status };
export const toneOf = (status: string): string => `tone-${lookOf(status).tone}`;

export function Status({ of: status, pill = false }: { of: string; pill?: boolean }) {
  const look = lookOf(status);
  return (
    <span class={`status tone-${look.tone}${pill ? " pill" : ""}`}>
      <Icon name={look.icon} size={13} class={look.icon === "arc" ? "spin" : undefined} />
      {look.word}
    </span>
  );
}
