/** A definition as text, checked by the server and drawn as a graph while it is written. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, type Problem } from "../api/client";
import { parse } from "../api/json";
import { Graph } from "../graph/graph";
import type { Body } from "../graph/model";
import { readGraph } from "../graph/read";
import { JsonEditor } from "./editor";
import { Icon } from "./icons";
import { lookOf } from "./status";

type Props = { text: string; onChange: (text: string) => void; onVerdict: (isValid: boolean) => void; onSubmit?: () => void };

const DELAY_MS = 180;

export function Source({ text, onChange, onVerdict, onSubmit }: Props) {
  const [problems, setProblems] = useState<Problem[]>();
  const [goTo, setGoTo] = useState<{ line: number; column: number }>();
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      api.validate(text, stop.signal).then(
        (verdict) => (setProblems(verdict.problems), onVerdict(verdict.valid)),
        (fault: Error) => fault.name === "AbortError" || setProblems([{ pointer: "", code: "", message: fault.message }]),
      );
    }, DELAY_MS);
    return () => (clearTimeout(timer), stop.abort());
  }, [text]);
  const drawn = useRef<Body>(NOTHING);
  drawn.current = useMemo(() => bodyOf(text) ?? drawn.current, [text]);
  return (
    <div class="writing">
      <div class="card">
        <JsonEditor text={text} label="Definition" size="tall" onChange={onChange} problems={problems} goTo={goTo} onSubmit={onSubmit} />
        <div class="problems" role="status" aria-label="Problems">
          {problems?.length === 0 && <div class="problem status tone-ok"><Icon name="done" size={13} />No problems</div>}
          {problems?.map((problem, index) => (
            <ProblemRow key={index} problem={problem} onGo={() => setGoTo({ line: problem.line ?? 1, column: problem.column ?? 1 })} />
          ))}
        </div>
      </div>
      <div class="card"><Graph body={drawn.current} /></div>
    </div>
  );
}

const NOTHING = readGraph(undefined);

/** The graph of a text; none while it is no JSON, so that the last one stays. */
function bodyOf(text: string): Body | undefined {
  try {
    return readGraph(parse(text));
  } catch {
    return undefined;
  }
}

function ProblemRow({ problem, onGo }: { problem: Problem; onGo: () => void }) {
  const isWarning = problem.severity === "warning";
  const look = lookOf(isWarning ? "caught" : "failed");
  return (
    <button class="problem" onClick={onGo}>
      <span class={`status tone-${look.tone}`}>
        <Icon name={look.icon} size={13} />
        <span class="visually-hidden">{isWarning ? "Warning" : "Error"}</span>
      </span>
      <span class="place">{problem.line ? `${problem.line}:${problem.column}` : problem.pointer}</span>
      <span class="grow">
        {problem.message}
        {problem.hint && <span class="muted">{` ${problem.hint}`}</span>}
      </span>
      {problem.code && <span class="tag mono">{problem.code}</span>}
    </button>
  );
}
