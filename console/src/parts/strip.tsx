/** The outcomes of the last runs, newest at the right: one link to all of them; a click on a bar goes to its run. */

import type { Instance } from "../api/client";
import { navigate, to } from "../router";
import { lookOf, toneOf } from "./status";

export function Strip({ workflow, runs, length }: { workflow: string; runs: readonly Instance[]; length: number }) {
  const missing = Math.max(0, length - runs.length);
  const failed = runs.filter((run) => lookOf(run.status).tone === "bad").length;
  const open = (event: MouseEvent, run: Instance): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    navigate(to.run(run.instanceId));
  };
  return (
    <a class="strip" href={`${to.runs}?workflow=${encodeURIComponent(workflow)}`} aria-label={`Last ${runs.length} runs, ${failed} failed`}>
      {Array.from({ length: missing }, (_, index) => <span key={index} class="none" />)}
      {runs.toReversed().map((run) => (
        <span key={run.instanceId} class={toneOf(run.status)} title={`${lookOf(run.status).word}, started ${new Date(run.startedAt).toLocaleString()}`} onClick={(event) => open(event, run)} />
      ))}
    </a>
  );
}
