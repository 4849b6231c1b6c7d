/** A long list of rows of one height: only what can be seen is in the page. Arrow keys move from row to row. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

type Props<T> = { items: readonly T[]; rowHeight: number; label: string; head?: ComponentChildren; row: (item: T, index: number) => ComponentChildren; followEnd?: boolean; /** A row to bring into view. */ reveal?: number };

const BEYOND = 12;

export function Virtual<T>({ items, rowHeight, label, head, row, followEnd = false, reveal }: Props<T>) {
  const view = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setHeight(entry!.contentRect.height));
    watch.observe(view.current!);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (followEnd) view.current!.scrollTop = view.current!.scrollHeight;
  }, [items.length, followEnd]);
  useEffect(() => {
    if (reveal === undefined || reveal < 0) return;
    const [from, to] = [reveal * rowHeight, (reveal + 2) * rowHeight];
    const now = view.current!.scrollTop;
    if (from < now) view.current!.scrollTop = from;
    else if (to > now + view.current!.clientHeight) view.current!.scrollTop = to - view.current!.clientHeight;
  }, [reveal]);
  const first = Math.max(0, Math.floor(top / rowHeight) - BEYOND);
  const last = Math.min(items.length, Math.ceil((top + height) / rowHeight) + BEYOND);
  return (
    <div class="view" ref={view} role="region" aria-label={label} tabIndex={0} onScroll={(event) => setTop(event.currentTarget.scrollTop)} onKeyDown={moveFocus}>
      {head}
      <div style={{ height: `${items.length * rowHeight}px`, position: "relative" }}>
        <div style={{ position: "absolute", top: `${first * rowHeight}px`, left: "0", right: "0" }}>
          {items.slice(first, last).map((item, index) => row(item, first + index))}
        </div>
      </div>
    </div>
  );
}

function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key] as "nextElementSibling" | undefined;
  const next = step && (event.target as Element)[step];
  if (!(next instanceof HTMLElement)) return;
  event.preventDefault();
  next.focus();
}
