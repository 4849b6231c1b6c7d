/** Light or dark: as the system says, unless the user said otherwise. */

import { effect, signal } from "@preact/signals";

const KEY = "conductor.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const chosen = signal(localStorage.getItem(KEY) ?? "");

effect(() => {
  if (chosen.value) document.documentElement.dataset.theme = chosen.value;
  else delete document.documentElement.dataset.theme;
});

export function toggleTheme(): void {
  const isDark = chosen.value ? chosen.value === "dark" : system.matches;
  const next = isDark ? "light" : "dark";
  const isSystems = (next === "dark") === system.matches;
  chosen.value = isSystems ? "" : next;
  if (isSystems) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, next);
}
