/**
 * CodeMirror, loaded when an editor is first shown. It lives in a shadow root: there its styles are adopted sheets, which the
 * Content-Security-Policy allows, and not style elements, which it does not.
 */

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Problem } from "../api/client";

export type Editor = { text: () => string; setText: (text: string) => void; show: (problems: readonly Problem[]) => void; goTo: (line: number, column: number) => void; focus: () => void; destroy: () => void };

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "12.5px", color: "var(--text)", backgroundColor: "var(--surface)" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--muted)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "light-dark(#3b5bdb0d, #8ea6ff12)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "light-dark(#c8d3ff, #34458c) !important" },
  ".cm-tooltip, .cm-panels": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line-strong)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--sunken)", borderColor: "var(--line-strong)", color: "var(--muted)" },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-soft) !important" },
  ".cm-diagnosticText": { fontFamily: "system-ui, sans-serif" },
});
const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--key)" },
  { tag: tags.string, color: "var(--string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--number)" },
]);

export function createEditor(parent: HTMLElement, text: string, label: string, onChange: (text: string) => void, onSubmit?: () => void): Editor {
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: "open" });
  const submit = { key: "Mod-Enter", run: () => (onSubmit?.(), onSubmit !== undefined) };
  const state = EditorState.create({
    doc: text,
    extensions: [
      lineNumbers(), foldGutter(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
      autocompletion(), highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(), json(), look, syntaxHighlighting(colours),
      keymap.of([submit, ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
      EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
      EditorView.updateListener.of((update) => update.docChanged && onChange(update.state.doc.toString())),
    ],
  });
  const view = new EditorView({ state, parent: root as unknown as Element, root });
  return {
    text: () => view.state.doc.toString(),
    setText: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
    show: (problems) => view.dispatch(setDiagnostics(view.state, problems.flatMap((problem) => diagnosticOf(view.state, problem)))),
    goTo: (line, column) => {
      const at = offset(view.state, line, column);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

function offset(state: EditorState, line: number, column: number): number {
  const found = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
  return Math.min(found.to, found.from + Math.max(0, column - 1));
}

/** From the place to the end of the token there. */
function diagnosticOf(state: EditorState, problem: Problem): Diagnostic {
  const from = offset(state, problem.line ?? 1, problem.column ?? 1);
  const rest = state.doc.lineAt(from).text.slice(from - state.doc.lineAt(from).from);
  const token = /^("(?:[^"\\]|\\.)*"?|[\w.+-]+|.)/.exec(rest)?.[0] ?? "";
  const message = problem.hint ? `${problem.message}\n${problem.hint}` : problem.message;
  return { from, to: from + token.length, severity: problem.severity === "warning" ? "warning" : "error", message };
}
