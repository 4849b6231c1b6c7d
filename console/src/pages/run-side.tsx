/** Beside a run: the state that is selected, an event, or else the run as a whole. */

import type { Instance } from "../api/client";
import { isObject, mask, stringify } from "../api/json";
import { type Body, type Node, nodesOf } from "../graph/model";
import { type Copies, CopyMenu, quoted } from "../parts/copy-menu";
import { Heat } from "../parts/heat";
import { Icon } from "../parts/icons";
import { JsonView } from "../parts/json-view";
import { MapRunPanel } from "../parts/map-run";
import { FailureNotice, Section, VisitDetail } from "../parts/visit-detail";
import { place, setQuery } from "../router";
import { hasEnded, type Run, type Visit } from "../state/run";
import { type Scope, visitsAt } from "../state/select";
import { selectionOf } from "../state/selection";

type Props = { run: Run; instance: Instance; body: Body; scope: Scope };

export function RunSide({ run, instance, body, scope }: Props) {
  const { visit, place: selected, event } = selectionOf(run, place.value.query, scope);
  if (event) {
    return (
      <div class="detail">
        <Head title={`${event.seq} · ${event.type}`} />
        <Section title="Event" value={event} />
      </div>
    );
  }
  if (selected && !visit) {
    return (
      <div class="detail">
        <Head title={nodeAt(body, selected)?.title ?? selected} />
        <p class="muted">{hasEnded(run.status) ? "The run did not come here." : "The run has not come here yet."}</p>
        <Source node={nodeAt(body, selected)} isOpen />
      </div>
    );
  }
  return <div class="detail">{visit ? <Selected run={run} instance={instance} body={body} visit={visit} scope={scope} /> : <Whole run={run} instance={instance} />}</div>;
}

function Head({ title, copies }: { title: string; copies?: Copies }) {
  return (
    <div class="detail-head">
      <h2 class="grow clip" title={title}>{title}</h2>
      {copies && <CopyMenu copies={copies} small />}
      <button class="button bare small" aria-label="Deselect" onClick={() => setQuery({ visit: undefined, place: undefined, event: undefined })}>
        <Icon name="close" size={13} />
      </button>
    </div>
  );
}

function Selected({ run, instance, body, visit, scope }: Props & { visit: Visit }) {
  const visits = visitsAt(run, visit.place, scope);
  const index = visits.indexOf(visit);
  const node = nodeAt(body, visit.place);
  const go = (step: number): void => setQuery({ visit: String(visits[index + step]!.number), place: undefined });
  return (
    <>
      <Head title={visit.title} copies={copiesOf(instance, visit)} />
      {visits.length > 1 && (
        <div class="row">
          <button class="button small" disabled={index <= 0} onClick={() => go(-1)}>Previous</button>
          <span class="muted number">{`visit ${index + 1} of ${visits.length}`}</span>
          <button class="button small" disabled={index >= visits.length - 1} onClick={() => go(1)}>Next</button>
          {visit.path.length > 0 && <code class="muted clip">{visit.path.join(".")}</code>}
        </div>
      )}
      <VisitDetail run={instance.instanceId} visit={visit} version={run.version} calls={node?.detail} key={visit.number}>
        {visit.iterations.length > 0 && (
          <Heat iterations={visit.iterations} chosen={scope.get(visit.place)} version={run.version} onChoose={(item) => setQuery({ item: item === undefined ? undefined : `${visit.place}:${item}` })} />
        )}
        {visit.mapRun && <MapRunPanel key={visit.mapRun} execution={instance.instanceId} run={visit.mapRun} version={run.version} />}
      </VisitDetail>
      <Source node={node} />
    </>
  );
}

/** The state as its author wrote it. */
function Source({ node, isOpen = false }: { node: Node | undefined; isOpen?: boolean }) {
  if (!node) return null;
  return (
    <details class="source" open={isOpen}>
      <summary>Definition</summary>
      <JsonView value={node.source} label="Definition" />
    </details>
  );
}

function copiesOf(instance: Instance, visit: Visit): Copies {
  const id = encodeURIComponent(instance.instanceId);
  const { number: _, iterations: __, ...told } = visit;
  const copies: Copies = {
    "State as JSON": () => stringify(told),
    "curl that reads its stages": () => `curl '${location.origin}/workflows/instances/${id}/stages?event=${visit.seq}'`,
    "curl that reads its events": () => `curl '${location.origin}/workflows/instances/${id}/events?view=engine&after=${visit.seq - 1}'`,
  };
  const arn = instance.arn;
  if (arn) copies["AWS CLI that reads the history"] = () => `aws stepfunctions --endpoint-url ${location.origin} get-execution-history --include-execution-data --execution-arn ${quoted(arn)}`;
  return copies;
}

const nodeAt = (body: Body, place: string): Node | undefined => [...nodesOf(body)].find((node) => node.id === place);

function Whole({ run, instance }: { run: Run; instance: Instance }) {
  const maps = run.visits.filter((visit) => visit.iterations.length && !visit.path.length);
  const failed = run.visits.findLast((visit) => visit.status === "failed");
  const location = isObject(instance.errorDetails) ? undefined : failed?.location;
  return (
    <>
      <h2>The run</h2>
      {run.failure && <FailureNotice failure={run.failure} place={location} />}
      {failed && <button class="button" onClick={() => setQuery({ visit: String(failed.number) })}>Show the state that failed: {failed.title}</button>}
      {maps.map((map) => (
        <button key={map.number} class="button" onClick={() => setQuery({ visit: String(map.number) })}>{`${map.title}: ${map.iterations.length.toLocaleString()} iterations`}</button>
      ))}
      <Section title="Input" value={run.input ?? mask(instance.initialPayload)} />
      {hasEnded(run.status) && run.output !== undefined && <Section title="Output" value={run.output} />}
      {!hasEnded(run.status) && run.events.length > 0 && <p class="muted">It is running; choose a state to see what went in and out.</p>}
    </>
  );
}
