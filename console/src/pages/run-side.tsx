/** Beside a run: the state that is selected, an event, or else the run as a whole. */

import type { Instance } from "../api/client";
import { isObject, mask } from "../api/json";
import { Heat } from "../parts/heat";
import { Icon } from "../parts/icons";
import { FailureNotice, Section, VisitDetail } from "../parts/visit-detail";
import { place, setQuery } from "../router";
import { hasEnded, type Run, type Visit } from "../state/run";
import { type Scope, visitsAt } from "../state/select";
import { selectionOf } from "../state/selection";

export function RunSide({ run, instance, scope }: { run: Run; instance: Instance; scope: Scope }) {
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
        <Head title={selected.split("/").at(-1)!.replaceAll("~1", "/").replaceAll("~0", "~")} />
        <p class="muted">The run has not come here.</p>
      </div>
    );
  }
  return <div class="detail">{visit ? <Selected run={run} visit={visit} scope={scope} /> : <Whole run={run} instance={instance} />}</div>;
}

function Head({ title }: { title: string }) {
  return (
    <div class="section-head">
      <h2 class="grow clip">{title}</h2>
      <button class="button bare small" aria-label="Deselect" onClick={() => setQuery({ visit: undefined, place: undefined, event: undefined })}>
        <Icon name="close" size={13} />
      </button>
    </div>
  );
}

function Selected({ run, visit, scope }: { run: Run; visit: Visit; scope: Scope }) {
  const visits = visitsAt(run, visit.place, scope);
  const index = visits.indexOf(visit);
  const go = (step: number): void => setQuery({ visit: String(visits[index + step]!.number), place: undefined });
  return (
    <>
      <Head title={visit.title} />
      {visits.length > 1 && (
        <div class="row">
          <button class="button small" disabled={index <= 0} onClick={() => go(-1)}>Previous</button>
          <span class="muted number">{`visit ${index + 1} of ${visits.length}`}</span>
          <button class="button small" disabled={index >= visits.length - 1} onClick={() => go(1)}>Next</button>
          {visit.path.length > 0 && <code class="muted clip">{visit.path.join(".")}</code>}
        </div>
      )}
      {visit.iterations.length > 0 && (
        <Heat iterations={visit.iterations} chosen={scope.get(visit.place)} version={run.version} onChoose={(item) => setQuery({ item: item === undefined ? undefined : `${visit.place}:${item}` })} />
      )}
      <VisitDetail visit={visit} version={run.version} key={visit.number} />
    </>
  );
}

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
