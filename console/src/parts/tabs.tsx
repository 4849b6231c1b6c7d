/** Tabs that are part of the address. */

import { setQuery } from "../router";

export type Tab = { id: string; text: string; count?: number };

export function Tabs({ name, tabs, current, label }: { name: string; tabs: Tab[]; current: string; label: string }) {
  const go = (id: string): void => setQuery({ [name]: id === tabs[0]!.id ? undefined : id });
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const index = (tabs.findIndex((tab) => tab.id === current) + step + tabs.length) % tabs.length;
    go(tabs[index]!.id);
    (event.currentTarget as Element).querySelectorAll<HTMLElement>("[role=tab]")[index]?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {tabs.map((tab) => (
        <button key={tab.id} class="tab" role="tab" aria-selected={tab.id === current} tabIndex={tab.id === current ? 0 : -1} onClick={() => go(tab.id)}>
          {tab.text}
          {tab.count !== undefined && <span class="count">{tab.count.toLocaleString()}</span>}
        </button>
      ))}
    </div>
  );
}
