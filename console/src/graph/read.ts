/** Reads a definition of either language into a graph. Never throws: what is not understood is left out, the server says what is wrong. */

import { isObject, type Json } from "../api/json";
import type { Body } from "./model";
import { readStates } from "./states";
import { readSteps } from "./steps";

export function readGraph(definition: Json): Body {
  if (isObject(definition) && isObject(definition.States)) return readStates(definition, "", "");
  if (isObject(definition) && isObject(definition.steps)) return readSteps(definition, "", "");
  return { id: "", title: "", start: null, nodes: [], edges: [] };
}

export function languageOf(definition: Json): string {
  if (!isObject(definition)) return "";
  if (!("States" in definition)) return "Steps";
  return definition.QueryLanguage === "JSONata" ? "States Language · JSONata" : "States Language";
}
