/** What is shown, for use elsewhere: as JSON, as a `curl` line, as a line of the AWS command line. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icons";
import { copy } from "./toasts";

export type Copies = Record<string, string | (() => string)>;

export function CopyMenu({ copies, small = false }: { copies: Copies; small?: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    const close = (event: Event): void => {
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !menu.current?.contains(event.target as Element)) setOpen(false);
    };
    addEventListener("pointerdown", close);
    addEventListener("keydown", close);
    return () => (removeEventListener("pointerdown", close), removeEventListener("keydown", close));
  }, [isOpen]);
  return (
    <div class="menu" ref={menu}>
      <button class={small ? "button small" : "button"} aria-expanded={isOpen} aria-haspopup="true" onClick={() => setOpen(!isOpen)}>
        <Icon name="copy" size={14} />
        Copy
      </button>
      {isOpen && (
        <div class="menu-list">
          {Object.entries(copies).map(([name, text]) => (
            <button key={name} onClick={() => (setOpen(false), copy(typeof text === "string" ? text : text(), name))}>{name}</button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Quote a text for a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
