/** A run that keeps itself up to date: what there is in pages, then the stream until the run has ended, and again when it is redriven. */

import { useEffect, useRef, useState } from "preact/hooks";
import { listen } from "../api/live";
import { follow } from "../api/sse";
import { apply, newRun, type Run } from "./run";
import type { EngineEvent } from "./events";

const DRAW_MS = 60;

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
    const path = `/workflows/instances/${encodeURIComponent(id)}/events?view=engine&follow=true`;
    const begin = (): (() => void) =>
      follow(path, {
        from: run.current.events.length ? String(run.current.events.at(-1)!.seq) : undefined,
        onMessages: (messages) => {
          waiting.push(...messages.map((message) => message.document as unknown as EngineEvent).filter((event) => event.seq !== undefined));
          timer ??= setTimeout(draw, DRAW_MS);
        },
      });
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
