import { beforeAll, expect, test, vi } from "vitest";

beforeAll(() => void vi.stubGlobal("location", { pathname: "/", search: "" }));

test("a pattern gives its parts, decoded", async () => {
  const { match } = await import("./router");
  expect(match("/console/runs/:id", "/console/runs/a%20b")).toEqual({ id: "a b" });
  expect(match("/console/runs/:id", "/console/runs/a/")).toEqual({ id: "a" });
  expect(match("/console/runs/:id", "/console/runs")).toBeNull();
  expect(match("/console/runs/:id", "/console/workflows/a")).toBeNull();
});
