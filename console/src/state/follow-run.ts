/** A run that keeps itself up to date: what there is in pages, then the stream until the run has ended, and again when it is redriven. */

import { useEffect, useRef, useState } from "preact/hooks";
import { listen } from "../api/live";
import { api } from "../api/client";
import { follow } from "../api/sse";
import { apply, newRun, type Run } from "./run";
import type { EngineEvent } from "./events";

const DRAW_MS = 60;
const PAGE = 1_000;
/** Pages asked for at once when the first one was full: events are numbered without gaps. */
const AHEAD = 4;

/** A new object each time something has changed, with new lists; the visits in it change in place. */
export function useRun(id: string): Run {
  const run = useRef<Run>(newRun());
  const [shown, setShown] = useState(run.current);
  useEffect(() => {
    run.current = newRun();
    let waiting: EngineEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = (): void => {
      timer = undefined;
      apply(run.current, waiting);
      waiting = [];
      setShown({ ...run.current, events: [...run.current.events], visits: [...run.current.visits] });
    };
    const take = (events: readonly EngineEvent[]): void => {
      waiting.push(...events);
      timer ??= setTimeout(draw, DRAW_MS);
    };
    const begin = (): (() => void) => {
      const stopping = new AbortController();
      void read(id, run.current.events.at(-1)?.seq ?? 0, take, stopping.signal);
      return () => stopping.abort();
    };
    let stop = begin();
    const stopHearing = listen((events) => {
      if (!events.some((event) => event.instanceId === id && event.type === "WORKFLOW_REDRIVEN")) return;
      stop();
      stop = begin();
    });
    return () => (stop(), stopHearing(), clearTimeout(timer));
  }, [id]);
  return shown;
}

/** Pages first, because a stream of thousands of small messages takes longer; what cannot be read now, the stream tries again. */
async function read(id: string, after: number, take: (events: readonly EngineEvent[]) => void, stop: AbortSignal): Promise<void> {
  try {
    for (let ahead = 1, isMore = true; isMore && !stop.aborted; ahead = AHEAD) {
      const asked = Array.from({ length: ahead }, (_, index) => api.events(id, after + index * PAGE, PAGE, stop));
      for (const page of await Promise.all(asked)) {
        take(page.items);
        after = Math.max(after, page.after);
        isMore = page.items.length === PAGE;
      }
    }
  } catch {
    // The stream below says whether the server answers.
  }
  if (stop.aborted) return;
  const path = `/workflows/instances/${encodeURIComponent(id)}/events?view=engine&follow=true`;
  const stopFollowing = follow(path, {
    from: String(after),
    onMessages: (messages) => take(messages.map((message) => message.document as unknown as EngineEvent).filter((event) => event.seq !== undefined)),
  });
  stop.addEventListener("abort", stopFollowing);
}
