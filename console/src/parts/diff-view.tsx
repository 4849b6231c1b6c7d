/** What changed between two values: lines out, lines in, a little around them. */

import { useState } from "preact/hooks";
import { type Diff, shortened } from "../state/diff";

export function DiffView({ diff, label }: { diff: Diff; label: string }) {
  const [isWhole, setWhole] = useState(false);
  const lines = isWhole ? diff.lines : shortened(diff.lines);
  return (
    <div class="json diff" role="region" aria-label={label} tabIndex={0}>
      {lines.map((line, index) =>
        line ? (
          <div key={index} class={`diff-line${line.sign === "+" ? " added" : line.sign === "-" ? " removed" : ""}`}>
            <span class="diff-sign">{line.sign}</span>
            {line.text}
          </div>
        ) : (
          <button key={index} class="diff-gap" aria-label="Show the lines left out" onClick={() => setWhole(true)}>⋯</button>
        ),
      )}
    </div>
  );
}
