/** Published versions of a workflow, and the aliases that route to them. */

import { api } from "../api/client";
import { useLiveLoad } from "./live-load";
import { Time } from "./time";

export function VersionList({ id }: { id: string }) {
  const loaded = useLiveLoad(() => api.versions(id), [id], (event) => event.type === "WORKFLOW_STARTED");
  const { versions = [], aliases = [] } = loaded.value ?? {};
  return (
    <div class="section">
      <h3>Versions and aliases</h3>
      {loaded.error && <p class="muted">{loaded.error.message}</p>}
      {loaded.value && !versions.length && <p class="muted">None is published. <code>aws stepfunctions publish-state-machine-version</code> makes one.</p>}
      {aliases.map((alias) => (
        <div key={alias.name} class="version-row">
          <b>{alias.name}</b>
          <span class="muted grow clip">{alias.description}</span>
          {alias.routes.map((route) => <span key={route.version} class="tag">{alias.routes.length > 1 ? `${route.version} · ${route.weight} %` : `version ${route.version}`}</span>)}
        </div>
      ))}
      {versions.map((version) => (
        <div key={version.number} class="version-row">
          <span class="number">{version.number}</span>
          <span class="muted grow clip">{version.description}</span>
          <span class="muted"><Time at={version.createdAt} /></span>
        </div>
      ))}
    </div>
  );
}
