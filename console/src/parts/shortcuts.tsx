/** Keys: one list, shown by `?`. A key does nothing while somebody types. */

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { navigate, to } from "../router";
import { Dialog } from "./dialog";

const GO: Record<string, string> = { w: to.workflows, r: to.runs, i: to.inbox, e: to.events, f: to.functions };
export const isSheetOpen = signal(false);

const SHEET: [string, string][] = [
  ["g w", "Workflows"], ["g r", "Runs"], ["g i", "Inbox"], ["g e", "Events"], ["g f", "Functions"],
  ["/", "Search this page"], ["j  k", "Next and previous row, or state of a run"], ["Enter", "Open"], ["x", "Mark a run in the list"],
  ["t", "Trigger: run the workflow shown"], ["n", "New workflow, from the list of them"], ["1 … 4", "Graph, timeline, states, history of a run"], ["Esc", "Close, deselect"], ["?", "This sheet"],
];

/** Hear of a key while a page is shown; what is done is always what the last drawing said. */
export function useKey(key: string, act: (event: KeyboardEvent) => void): void {
  const latest = useRef(act);
  latest.current = act;
  useLayoutEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      if (event.key === key && !isTyping(event) && !event.ctrlKey && !event.metaKey && !event.altKey) latest.current(event);
    };
    addEventListener("keydown", hear);
    return () => removeEventListener("keydown", hear);
  }, [key]);
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0] as HTMLElement;
  return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable || document.querySelector("dialog[open]") !== null;
}

/** Begin; called once. */
export function listenToKeys(): void {
  let before = "";
  addEventListener("keydown", (event) => {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (before === "g" && GO[event.key]) navigate(GO[event.key]!);
    else if (event.key === "?") isSheetOpen.value = true;
    else if (event.key === "/") {
      const field = document.querySelector<HTMLInputElement>("input[type=search]");
      if (field) (event.preventDefault(), field.focus());
    }
    before = event.key;
  });
}

export function Sheet() {
  if (!isSheetOpen.value) return null;
  return (
    <Dialog title="Keyboard" onClose={() => (isSheetOpen.value = false)}>
      <div class="keys">
        {SHEET.map(([keys, what]) => (
          <>
            <span class="row">{keys.split(/ +/).map((key) => (key === "…" ? "…" : <kbd>{key}</kbd>))}</span>
            <span>{what}</span>
          </>
        ))}
      </div>
    </Dialog>
  );
}
