/** Loading what the feed does not carry: again soon after something happened that may have changed it. */

import { useEffect } from "preact/hooks";
import { type FeedEvent, listen } from "../api/live";
import { type Loaded, useLoad } from "./load";

/** At most once in this time, and once more behind the last event. */
const PAUSE_MS = 500;

export function useLiveLoad<T>(load: () => Promise<T>, keys: readonly unknown[], concerns: (event: FeedEvent) => boolean = () => true): Loaded<T> {
  const loaded = useLoad(load, keys);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = listen((events) => {
      if (!timer && events.some(concerns)) timer = setTimeout(() => ((timer = undefined), loaded.reload()), PAUSE_MS);
    });
    return () => (stop(), clearTimeout(timer));
  }, keys);
  return loaded;
}
