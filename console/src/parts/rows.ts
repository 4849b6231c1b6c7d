/** Going through a list by keys: `j` and `k` move, `Enter` opens. */

import { useState } from "preact/hooks";
import { useKey } from "./shortcuts";

/** Return where the keys stand, -1 before they were used. Rows are found by `data-row` for scrolling. */
export function useRows(count: number, open: (index: number) => void): number {
  const [current, setCurrent] = useState(-1);
  const move = (step: number): void => {
    const next = Math.min(count - 1, Math.max(0, current + step));
    setCurrent(next);
    document.querySelector(`[data-row="${next}"]`)?.scrollIntoView({ block: "nearest" });
  };
  useKey("j", () => move(1));
  useKey("k", () => move(-1));
  useKey("Enter", (event) => (event.target as Element).closest("a, button, summary, [tabindex='0']") || (current >= 0 && current < count && open(current)));
  return current;
}
