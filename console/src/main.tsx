/** Starts the console and chooses the page for the address. */

import { render } from "preact";
import { connect } from "./api/live";
import { EventsPage } from "./pages/events";
import { FunctionsPage } from "./pages/functions";
import { InboxPage } from "./pages/inbox";
import { NewWorkflowPage } from "./pages/new-workflow";
import { RunPage } from "./pages/run";
import { RunsPage } from "./pages/runs";
import { WorkflowPage } from "./pages/workflow";
import { WorkflowsPage } from "./pages/workflows";
import { Shell } from "./parts/shell";
import { listenToKeys } from "./parts/shortcuts";
import { Empty } from "./parts/states";
import { listenToLinks, match, navigate, place, to } from "./router";
import "./theme.css";
import "./styles/shell.css";
import "./styles/parts.css";
import "./styles/graph.css";
import "./styles/run.css";
import "./styles/detail.css";

function Page() {
  const path = place.value.path;
  const run = match("/console/runs/:id", path);
  if (run) return <RunPage key={run.id} id={run.id!} />;
  if (match(to.newWorkflow, path)) return <NewWorkflowPage />;
  const workflow = match("/console/workflows/:id", path);
  if (workflow) return <WorkflowPage key={workflow.id} id={workflow.id!} />;
  if (match(to.workflows, path)) return <WorkflowsPage />;
  if (match(to.runs, path)) return <RunsPage />;
  if (match(to.inbox, path)) return <InboxPage />;
  if (match(to.events, path)) return <EventsPage />;
  if (match(to.functions, path)) return <FunctionsPage />;
  return (
    <Empty title="There is no such page">
      <a href={to.workflows}>Go to the workflows</a>
    </Empty>
  );
}

if (match("/console", location.pathname) || location.pathname === "/") navigate(to.workflows, { replace: true });
listenToLinks();
listenToKeys();
connect();
render(
  <Shell>
    <Page />
  </Shell>,
  document.getElementById("console")!,
);
