/** The token of a server that wants one. Kept for this tab only. */

import { effect, signal } from "@preact/signals";

const KEY = "conductor.token";

export const token = signal(sessionStorage.getItem(KEY) ?? "");
export const tokenWanted = signal(false);

effect(() => (token.value ? sessionStorage.setItem(KEY, token.value) : sessionStorage.removeItem(KEY)));
