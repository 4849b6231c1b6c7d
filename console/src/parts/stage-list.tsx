/** The data of a state as steps, top to bottom: what came in, what each field made of it, what went out. */

import { useMemo, useState } from "preact/hooks";
import { api } from "../api/client";
import { stringify } from "../api/json";
import { type Diff, diff } from "../state/diff";
import { baseOf, isMain, type Stage, stagesOf, titleOf } from "../state/stages";
import type { Visit } from "../state/run";
import { DiffView } from "./diff-view";
import { Icon } from "./icons";
import { JsonView } from "./json-view";
import { useLoad } from "./load";
import { copy } from "./toasts";

export function StageList({ run, visit, source }: { run: string; visit: Visit; source?: string }) {
  const loaded = useLoad(() => api.stages(run, visit.seq), [run, visit.seq, visit.status, visit.attempts.length]);
  const stages: readonly Stage[] = loaded.value?.stages ?? stagesOf(visit);
  return (
    <div class="stages">
      {stages.map((stage, index) => <StageStep key={stage.name} stage={stage} base={baseOf(stages, index)} source={source} />)}
      {loaded.value?.error && <p class="muted">It went no further: {loaded.value.error}</p>}
    </div>
  );
}

function StageStep({ stage, base, source }: { stage: Stage; base: Stage | undefined; source?: string }) {
  const changes = useMemo(() => (base && stage.value !== undefined ? diff(base.value, stage.value) : undefined), [base?.value, stage.value]);
  const isSame = changes !== undefined && !changes.added && !changes.removed;
  const [isOpen, setOpen] = useState(isMain(stage) && !(isSame && stage.name !== "output"));
  const [asDiff, setAsDiff] = useState(!isMain(stage));
  const title = titleOf(stage);
  return (
    <div class={`stage${isSame && !isMain(stage) ? " same" : ""}`}>
      <div class="section-head">
        <button class="stage-toggle grow" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <span class="stage-title">{title}</span>
          <Note stage={stage} changes={changes} base={base} source={source} />
        </button>
        {isOpen && changes && !isSame && (
          <button class="button bare small" aria-pressed={asDiff} onClick={() => setAsDiff(!asDiff)}>{asDiff ? "Value" : "Diff"}</button>
        )}
        {stage.value !== undefined && (
          <button class="button bare small" aria-label={`Copy ${title}`} title="Copy" onClick={() => copy(stringify(stage.value), title)}>
            <Icon name="copy" size={13} />
          </button>
        )}
      </div>
      {isOpen && stage.unavailable && <p class="muted">{stage.unavailable}</p>}
      {isOpen && stage.value !== undefined && (changes && asDiff && !isSame ? <DiffView diff={changes} label={`${title}, changes`} /> : <JsonView value={stage.value} label={title} />)}
    </div>
  );
}

function Note({ stage, changes, base, source }: { stage: Stage; changes: Diff | undefined; base: Stage | undefined; source?: string }) {
  if (stage.unavailable) return <span class="muted">not known</span>;
  if (stage.name === "result" && source) return <span class="muted">from {source}</span>;
  if (!changes || !base) return null;
  if (!changes.added && !changes.removed) return <span class="muted">{`same as ${titleOf(base)}`}</span>;
  return (
    <span class="number" title={`against ${titleOf(base)}`}>
      {changes.added > 0 && <span class="plus">+{changes.added}</span>} {changes.removed > 0 && <span class="minus">−{changes.removed}</span>}
    </span>
  );
}
