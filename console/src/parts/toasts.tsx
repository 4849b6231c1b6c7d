/** Short messages in the corner: what was done, what went wrong. */

import { signal } from "@preact/signals";
import { Icon } from "./icons";

type Toast = { number: number; tone: "ok" | "bad"; text: string };
const toasts = signal<Toast[]>([]);
const STAY_MS = { ok: 4_000, bad: 9_000 };
let count = 0;

export function toast(text: string, tone: Toast["tone"] = "ok"): void {
  const number = ++count;
  toasts.value = [...toasts.value.slice(-3), { number, tone, text }];
  setTimeout(() => dismiss(number), STAY_MS[tone]);
}

/** Do something and say when it goes wrong; true when it went well. */
export async function attempt(work: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await work();
    if (done) toast(done);
    return true;
  } catch (fault) {
    toast(fault instanceof Error ? fault.message : String(fault), "bad");
    return false;
  }
}

export function copy(text: string, what: string): void {
  void attempt(() => navigator.clipboard.writeText(text), `${what} copied`);
}

const dismiss = (number: number): void => void (toasts.value = toasts.value.filter((one) => one.number !== number));

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((one) => (
        <div key={one.number} class={`toast tone-${one.tone}`}>
          <span class="grow">{one.text}</span>
          <button class="button bare small" aria-label="Dismiss" onClick={() => dismiss(one.number)}>
            <Icon name="close" size={12} />
          </button>
        </div>
      ))}
    </div>
  );
}
