/** The engine's events as they come over the wire (`view=engine`); payloads are masked there. */

import type { Json } from "../api/json";

export interface Failure { error?: string | null; cause?: string | null }

export interface LogLine { at: string; level: string; message: string }

export interface EngineEvent {
  id: string;
  type: string;
  seq: number;
  at: string;
  cause?: number;
  history_id?: number;
  frame?: number;
  path?: (string | number)[];
  node?: string;
  title?: string;
  kind?: string;
  input?: Json;
  arguments?: Json;
  function?: string;
  output?: Json;
  result?: Json;
  assigned?: Record<string, Json>;
  attempts?: number;
  attempt?: number;
  next?: string;
  failure?: Failure;
  location?: string;
  resource?: string;
  timeout_s?: number;
  started_at?: string;
  retry_at?: string;
  worker?: string;
  length?: number;
  index?: number;
  redrives?: number;
  /** What the function logged in the attempt that this event ends. */
  logs?: LogLine[];
  /** Names a run of a distributed Map. */
  run?: string;
}
