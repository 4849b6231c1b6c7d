/** Addresses: every view is one. A click on a link within the console changes the view without loading the page. */

import { signal } from "@preact/signals";

export type Place = { path: string; query: URLSearchParams };

export const place = signal<Place>(here());

/** Go to an address of the console. */
export function navigate(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  const before = place.value.path;
  place.value = here();
  if (place.value.path !== before) scrollTo(0, 0);
}

/** Change some fields of the query, keeping the rest; "" removes one. */
export function setQuery(fields: Record<string, string | undefined>, { replace = true } = {}): void {
  const next = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(fields)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  const text = next.toString();
  navigate(place.value.path + (text ? `?${text}` : ""), { replace });
}

/** Match a pattern such as `/console/runs/:id`; null when it does not fit. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.replace(/\/$/, "").split("/");
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith(":")) found[part.slice(1)] = decode(given[index]!);
    else if (part !== given[index]) return null;
  }
  return found;
}

export const to = {
  workflows: "/console/workflows",
  newWorkflow: "/console/workflows/new",
  workflow: (id: string) => `/console/workflows/${encodeURIComponent(id)}`,
  runs: "/console/runs",
  run: (id: string) => `/console/runs/${encodeURIComponent(id)}`,
  inbox: "/console/inbox",
  events: "/console/events",
  functions: "/console/functions",
};

/** Begin; called once. */
export function listenToLinks(): void {
  addEventListener("popstate", () => (place.value = here()));
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest?.("a");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented || link.target || link.origin !== location.origin) return;
    if (!link.pathname.startsWith("/console/")) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
