/** Starts a run: a payload, or one of those used before. Secrets of an earlier payload stay hidden and are sent as they were. */

import { useState } from "preact/hooks";
import { api, type Instance } from "../api/client";
import { isObject, type Json, mask, parse, stringify, unmask } from "../api/json";
import { navigate, to } from "../router";
import { Dialog } from "./dialog";
import { JsonEditor } from "./editor";
import { Time } from "./time";
import { attempt } from "./toasts";

type Props = { workflow: string; name: string; recent: readonly Instance[]; payload?: Json; onClose: () => void };

export function RunDialog({ workflow, name, recent, payload, onClose }: Props) {
  const [original, setOriginal] = useState<Json>(payload ?? recent[0]?.initialPayload ?? {});
  const [text, setText] = useState(() => stringify(mask(original)));
  const [isBusy, setBusy] = useState(false);
  const fault = faultOf(text);
  const choose = (chosen: Json): void => {
    setOriginal(chosen);
    setText(stringify(mask(chosen)));
  };
  const run = async (): Promise<void> => {
    if (fault || isBusy) return;
    setBusy(true);
    await attempt(async () => {
      const started = await api.trigger(workflow, unmask(parse(text), original));
      onClose();
      navigate(to.run(started.instanceId));
    });
    setBusy(false);
  };
  return (
    <Dialog
      title={`Run ${name}`}
      onClose={onClose}
      foot={
        <>
          <span class="grow muted">{fault ? <span class="tone-bad status">{fault}</span> : <>Ctrl Enter runs it</>}</span>
          <button class="button primary" disabled={Boolean(fault) || isBusy} onClick={run}>Run</button>
        </>
      }
    >
      <JsonEditor text={text} label="Payload" size="short" isFirst onChange={setText} onSubmit={run} />
      {text.includes('"***"') && <p class="muted">Values that read *** are hidden; left as they are, the real ones are sent.</p>}
      {recent.length > 0 && (
        <div class="section">
          <h3>Payloads of recent runs</h3>
          {different(recent).map((run) => (
            <button key={run.instanceId} class="button bare recent" onClick={() => choose(run.initialPayload)}>
              <Time at={run.startedAt} />
              <code class="clip grow">{stringify(mask(run.initialPayload), 0)}</code>
            </button>
          ))}
        </div>
      )}
    </Dialog>
  );
}

function faultOf(text: string): string | undefined {
  try {
    return isObject(parse(text)) ? undefined : "A payload is a JSON object.";
  } catch (fault) {
    return (fault as Error).message;
  }
}

function different(runs: readonly Instance[]): Instance[] {
  return [...new Map(runs.toReversed().map((run) => [stringify(run.initialPayload, 0), run])).values()].toReversed().slice(0, 5);
}
