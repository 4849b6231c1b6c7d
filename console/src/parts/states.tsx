/** What a page shows when there is nothing, not yet anything, or a fault. */

import type { ComponentChildren } from "preact";
import { Icon } from "./icons";
import { copy } from "./toasts";

export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      <code class="grow" tabIndex={0}>{text}</code>
      <button class="button bare small" aria-label="Copy the command" onClick={() => copy(text, "Command")}>
        <Icon name="copy" size={14} />
      </button>
    </div>
  );
}

export function Empty({ title, children, commands = [] }: { title: string; children?: ComponentChildren; commands?: string[] }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
      {commands.map((text) => (
        <Command key={text} text={text} />
      ))}
    </div>
  );
}

export function Loading() {
  return <div class="loading" role="status">Loading …</div>;
}

export function Notice({ tone, children }: { tone: "bad" | "warn" | "running"; children: ComponentChildren }) {
  return (
    <div class={`notice tone-${tone}`} role={tone === "bad" ? "alert" : undefined}>
      <Icon name="alert" />
      <div class="grow">{children}</div>
    </div>
  );
}

export function Fault({ error, retry }: { error: Error; retry?: () => void }) {
  return (
    <Notice tone="bad">
      <div>{error.message}</div>
      {retry && <button class="button small" onClick={retry}>Try again</button>}
    </Notice>
  );
}
