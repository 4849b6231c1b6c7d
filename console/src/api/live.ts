/**
 * One stream for the whole page: the feed of all runs. Pages listen to it instead of asking again. It rests while nobody looks at the
 * page (browsers allow few connections to one server), and picks up where it was; after a long rest pages load anew (`epoch`).
 */

import { effect, signal } from "@preact/signals";
import type { Message } from "./reader";
import { follow, type StreamState } from "./sse";
import { token } from "./token";

export type FeedEvent = { id: string; type: string; instanceId: string } & Record<string, unknown>;

const REST_MAX_MS = 60_000;
const DELAY_MS = 80;

export const connection = signal<StreamState>("connecting");
/** Rises when events may have been missed: what was loaded is out of date. */
export const epoch = signal(0);

const listeners = new Set<(events: FeedEvent[]) => void>();
let waiting: FeedEvent[] = [];
let last: string | undefined;
let stop: (() => void) | undefined;
let restingSince = 0;

/** Hear of batches of events, until the returned function is called. */
export function listen(listener: (events: FeedEvent[]) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Begin; called once. */
export function connect(): void {
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : wake()));
  effect(() => {
    void token.value;
    rest();
    if (!document.hidden) wake();
  });
}

function wake(): void {
  if (stop) return;
  if (restingSince && Date.now() - restingSince > REST_MAX_MS) {
    last = undefined;
    epoch.value++;
  }
  stop = follow("/workflows/events?follow=true", { from: last, onMessages: take, onState: (state) => (connection.value = state) });
}

function rest(): void {
  stop?.();
  stop = undefined;
  restingSince = Date.now();
}

function take(messages: Message[]): void {
  last = messages.findLast((message) => message.id !== undefined)?.id ?? last;
  if (!waiting.length) setTimeout(tell, DELAY_MS);
  waiting.push(...messages.map((message) => message.document as FeedEvent));
}

function tell(): void {
  const events = waiting;
  waiting = [];
  for (const listener of listeners) listener(events);
}
