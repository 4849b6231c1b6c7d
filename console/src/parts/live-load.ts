/** Loading what the feed does not carry: again soon after something happened that may have changed it. */

import { useEffect } from "preact/hooks";
import { type FeedEvent, listen } from "../api/live";
import { follow } from "../api/sse";
import { type Loaded, useLoad } from "./load";

/** At most once in this time, and once more behind the last event. */
const PAUSE_MS = 400;

export function useLiveLoad<T>(load: () => Promise<T>, keys: readonly unknown[], concerns: (event: FeedEvent) => boolean = () => true): Loaded<T> {
  const loaded = useLoad(load, keys);
  useEffect(() => {
    const soon = rarely(loaded.reload);
    const stop = listen((events) => events.some(concerns) && soon.call());
    return () => (stop(), soon.stop());
  }, keys);
  return loaded;
}

/** The same for what only the engine's own events tell, such as that a task begins to wait: a stream of its own, while it is shown. */
export function useEngineLoad<T>(load: () => Promise<T>, concerns: RegExp): Loaded<T> {
  const loaded = useLoad(load, []);
  useEffect(() => {
    const soon = rarely(loaded.reload);
    const stop = follow("/workflows/events?follow=true&view=engine", { onMessages: (messages) => messages.some((one) => concerns.test(one.type)) && soon.call() });
    return () => (stop(), soon.stop());
  }, []);
  return loaded;
}

function rarely(act: () => void): { call: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return { call: () => (timer ??= setTimeout(() => ((timer = undefined), act()), PAUSE_MS)), stop: () => clearTimeout(timer) };
}
