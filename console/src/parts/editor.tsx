/** A JSON editor. Its code is loaded when it is first shown. */

import { useEffect, useRef } from "preact/hooks";
import type { Problem } from "../api/client";
import type { Editor } from "./codemirror";

type Props = { text: string; label: string; size: "tall" | "short" | "brief"; onChange: (text: string) => void; problems?: readonly Problem[]; goTo?: { line: number; column: number }; onSubmit?: () => void; /** Begin to write in it at once. */ isFirst?: boolean };

export function JsonEditor({ text, label, size, onChange, problems = [], goTo, onSubmit, isFirst = false }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | undefined>(undefined);
  const latest = useRef({ onChange, onSubmit });
  latest.current = { onChange, onSubmit };
  useEffect(() => {
    let isGone = false;
    void import("./codemirror").then(({ createEditor }) => {
      if (isGone) return;
      editor.current = createEditor(place.current!, text, label, (next) => latest.current.onChange(next), () => latest.current.onSubmit?.());
      editor.current.show(problems);
      if (isFirst) editor.current.focus();
    });
    return () => {
      isGone = true;
      editor.current?.destroy();
      editor.current = undefined;
    };
  }, []);
  useEffect(() => {
    if (editor.current && editor.current.text() !== text) editor.current.setText(text);
  }, [text]);
  useEffect(() => editor.current?.show(problems), [problems]);
  useEffect(() => void (goTo && editor.current?.goTo(goTo.line, goTo.column)), [goTo]);
  return <div class={`editor ${size}`} ref={place} />;
}
