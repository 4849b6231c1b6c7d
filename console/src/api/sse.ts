/**
 * Server-sent events over fetch: an `EventSource` cannot send a token. A lost stream is taken up again behind the last id; silence
 * for longer than two heartbeats is taken for a lost connection.
 */

import { headers } from "./client";
import { type Message, Reader } from "./reader";

export type StreamState = "connecting" | "open" | "lost" | "ended";
export type StreamOptions = { from?: string; onMessages: (messages: Message[]) => void; onState?: (state: StreamState) => void };

const SILENCE_MS = 35_000;
const WAITS_MS = [250, 500, 1_000, 2_000, 4_000, 8_000];

/** Follow a stream until it ends or the returned function is called. */
export function follow(url: string, options: StreamOptions): () => void {
  const stopping = new AbortController();
  void run(url, options, stopping.signal);
  return () => stopping.abort();
}

async function run(url: string, { from, onMessages, onState }: StreamOptions, stop: AbortSignal): Promise<void> {
  let last = from;
  let failures = 0;
  onState?.("connecting");
  while (!stop.aborted) {
    const attempt = new AbortController();
    const abort = (): void => attempt.abort();
    stop.addEventListener("abort", abort);
    let watch = setTimeout(abort, SILENCE_MS);
    try {
      const more: Record<string, string> = last === undefined ? {} : { "last-event-id": last };
      const answer = await fetch(url, { headers: headers({ accept: "text/event-stream", ...more }), signal: attempt.signal });
      if (answer.status === 204 || (answer.status >= 400 && answer.status < 500)) return onState?.("ended");
      if (!answer.ok || !answer.body) throw new Error(String(answer.status));
      onState?.("open");
      failures = 0;
      const reader = new Reader();
      const body = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let chunk = await body.read(); !chunk.done; chunk = await body.read()) {
        clearTimeout(watch);
        watch = setTimeout(abort, SILENCE_MS);
        const messages = reader.push(chunk.value);
        last = messages.findLast((message) => message.id !== undefined)?.id ?? last;
        if (messages.length) onMessages(messages);
      }
      // A stream that ends by itself is asked once more: 204 says that there is nothing to come back for.
    } catch {
      if (stop.aborted) return;
      onState?.("lost");
    } finally {
      clearTimeout(watch);
      stop.removeEventListener("abort", abort);
    }
    await pause(WAITS_MS[Math.min(failures++, WAITS_MS.length - 1)]!, stop);
  }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    stop.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}
