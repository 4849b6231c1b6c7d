import { expect, test } from "vitest";
import type { FeedEvent } from "../api/live";
import { contains, follow } from "./runs";

const ALL = { statuses: [], workflow: "" };
const started = (id: string): FeedEvent => ({
  id: `${id}:1`, type: "WORKFLOW_STARTED", instanceId: id, workflowDefinitionId: "d", workflowName: "Pay", startedAt: "2026-01-01T00:00:00.000Z", initialPayload: { who: "Ada" },
});

test("a new run comes first, its end changes it, and nothing else makes new rows", () => {
  const rows = follow([], [started("a"), started("b")], ALL);
  expect(rows.map((row) => row.instanceId)).toEqual(["b", "a"]);
  const ended = follow(rows, [{ id: "x", type: "WORKFLOW_FAILED", instanceId: "a", endedAt: "2026-01-01T00:00:02.000Z", error: "no" }], ALL);
  expect(ended.map((row) => [row.status, row.error])).toEqual([["RUNNING", undefined], ["FAILED", "no"]]);
  expect(follow(rows, [{ id: "y", type: "STEP_COMPLETED", instanceId: "a" }], ALL)).toBe(rows);
});

test("runs that are not wanted do not come in", () => {
  expect(follow([], [started("a")], { statuses: ["FAILED"], workflow: "" })).toEqual([]);
  expect(follow([], [started("a")], { statuses: [], workflow: "Other" })).toEqual([]);
  expect(follow([], [started("a")], { statuses: [], workflow: "Pay" })).toHaveLength(1);
});

test("the text is looked for in payloads too", () => {
  const [row] = follow([], [started("a")], ALL);
  expect([contains(row!, "ada"), contains(row!, "bob")]).toEqual([true, false]);
});
