/** The REST API, typed by its own OpenAPI document. Every fault is an `ApiError` that says what to do. */

import type { components } from "./schema.gen";
import { type Json, parse, stringify } from "./json";
import type { EngineEvent } from "../state/events";
import type { Stages } from "../state/stages";
import { token, tokenWanted } from "./token";

type Schemas = components["schemas"];
export type Instance = Schemas["Instance"];
export type InstancePage = Schemas["InstancePage"];
export type Problem = Pick<Schemas["Problem"], "pointer" | "code" | "message"> & Partial<Schemas["Problem"]>;
export type Verdict = { valid: boolean; problems: Problem[] };
export type FunctionView = Pick<Schemas["FunctionView"], "name"> & Partial<Schemas["FunctionView"]>;
export type Task = Schemas["PendingTask"];
export type TaskPage = Schemas["TaskPage"];
export type Versions = Schemas["Published"];
export type Counts = Schemas["Counts"];
export type MapRun = Schemas["MapRunView"] & { items: Counts };
export type Limits = Pick<MapRun, "maxConcurrency" | "toleratedFailureCount" | "toleratedFailurePercentage">;
export type Definition = { id: string; name: string; description?: string; Comment?: string } & Record<string, Json>;
export type Filter = {
  status?: string; definition?: string; startedFrom?: string; startedBefore?: string; text?: string; of?: string; mapRun?: string; limit?: number; cursor?: string;
};

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly problems: readonly Problem[] = [],
  ) {
    super(message);
  }
}

const part = encodeURIComponent;

export const api = {
  definitions: () => get<Definition[]>("/workflows/definitions"),
  definition: (id: string) => get<Definition>(`/workflows/definitions/${part(id)}`),
  definitionText: (id: string) => text("GET", `/workflows/definitions/${part(id)}`),
  create: (document: string, name?: string) => send<Definition>("POST", `/workflows/definitions${query({ name })}`, document),
  replace: (id: string, document: string) => send<Definition>("PUT", `/workflows/definitions/${part(id)}?replace=true`, document),
  remove: (id: string) => send<void>("DELETE", `/workflows/definitions/${part(id)}`),
  validate: (document: string, signal?: AbortSignal) => send<Verdict>("POST", "/workflows/definitions/validate", document, signal),

  trigger: (id: string, payload: Json) => send<Instance>("POST", `/workflows/${part(id)}/trigger`, stringify({ payload }, 0)),
  instances: (filter: Filter, signal?: AbortSignal) => get<InstancePage>(`/workflows/instances${query(filter)}`, signal),
  instance: (id: string) => get<Instance>(`/workflows/instances/${part(id)}`),
  instanceDefinition: (id: string) => get<Definition>(`/workflows/instances/${part(id)}/definition`),
  events: (id: string, after: number, limit: number, signal?: AbortSignal) =>
    get<{ items: EngineEvent[]; after: number }>(`/workflows/instances/${part(id)}/events${query({ view: "engine", after, limit })}`, signal),
  cancel: (id: string) => send<Instance>("POST", `/workflows/instances/${part(id)}/cancel`),
  redrive: (id: string) => send<Instance>("POST", `/workflows/instances/${part(id)}/redrive`),
  forget: (id: string) => send<void>("DELETE", `/workflows/instances/${part(id)}`),

  stages: (id: string, event: number) => get<Stages>(`/workflows/instances/${part(id)}/stages${query({ event })}`),
  mapRuns: (id: string) => get<{ items: MapRun[] }>(`/workflows/instances/${part(id)}/map-runs`),
  updateMapRun: (id: string, run: string, limits: Partial<Limits>) => send<void>("POST", `/workflows/instances/${part(id)}/map-runs/${part(run)}`, stringify(limits, 0)),

  tasks: (cursor?: string) => get<TaskPage>(`/workflows/tasks${query({ cursor, limit: 100 })}`),
  succeed: (token: string, output: Json) => send<void>("POST", "/workflows/tasks/success", stringify({ token, output }, 0)),
  fail: (token: string, error: string, cause: string) => send<void>("POST", "/workflows/tasks/failure", stringify({ token, error, cause }, 0)),
  beat: (token: string) => send<void>("POST", "/workflows/tasks/heartbeat", stringify({ token }, 0)),

  versions: (id: string) => get<Versions>(`/workflows/${part(id)}/versions`),
  functions: () => get<FunctionView[]>("/workflows/functions"),
  counts: async () => countsIn(await text("GET", "/metrics")),
};

/** Build a query string of what is set. */
export function query(fields: Record<string, string | number | undefined>): string {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined && value !== "");
  return set.length ? `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}` : "";
}

/** The headers every request has. */
export function headers(more: Record<string, string> = {}): Record<string, string> {
  return token.value ? { authorization: `Bearer ${token.value}`, ...more } : more;
}

/** Read how many instances the store holds, by status, from Prometheus' text format. */
export function countsIn(metrics: string): Record<string, number> {
  const found = metrics.matchAll(/^conductor_instances\{status="(\w+)"\} ([\d.e+]+)$/gm);
  return Object.fromEntries([...found].map((line) => [line[1]!, Number(line[2])]));
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return parse(await text("GET", path, undefined, signal)) as T;
}

async function send<T>(method: string, path: string, body?: string, signal?: AbortSignal): Promise<T> {
  const answer = await text(method, path, body, signal);
  return (answer ? parse(answer) : undefined) as T;
}

async function text(method: string, path: string, body?: string, signal?: AbortSignal): Promise<string> {
  const answer = await fetch(path, {
    method,
    body,
    signal,
    headers: headers(body === undefined ? {} : { "content-type": "application/json" }),
  }).catch((fault: unknown) => {
    if (fault instanceof DOMException && fault.name === "AbortError") throw fault;
    throw new ApiError(0, "The server does not answer. Is it running? Start it with: conductor dev");
  });
  const said = await answer.text();
  if (answer.ok) return said;
  if (answer.status === 401) tokenWanted.value = true;
  throw problemOf(answer.status, said);
}

function problemOf(status: number, said: string): ApiError {
  try {
    const problem = parse(said) as Schemas["ProblemDetails"];
    return new ApiError(status, problem.detail, problem.errors ?? []);
  } catch {
    return new ApiError(status, `The server answered ${status} without saying why.`);
  }
}
