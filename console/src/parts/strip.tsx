/** The outcomes of the last runs, newest at the right, each a link. */

import type { Instance } from "../api/client";
import { to } from "../router";
import { lookOf, toneOf } from "./status";

export function Strip({ runs, length }: { runs: readonly Instance[]; length: number }) {
  const missing = Math.max(0, length - runs.length);
  return (
    <span class="strip" role="group" aria-label={`${runs.length} last runs`}>
      {Array.from({ length: missing }, (_, index) => <span key={index} class="none" />)}
      {runs.toReversed().map((run) => {
        const what = `${lookOf(run.status).word}, started ${new Date(run.startedAt).toLocaleString()}`;
        return <a key={run.instanceId} class={toneOf(run.status)} href={to.run(run.instanceId)} title={what} aria-label={what} />;
      })}
    </span>
  );
}
