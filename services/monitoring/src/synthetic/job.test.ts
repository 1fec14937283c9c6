import { findJob, requestJob, system } from "@shouwang/service-kit";
import { until } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { findRule } from "../suspect/decide.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

test("a made-up population passes the entry checks like a real one: few suspects, none of the rules that refuse", async () => {
  await office.running.db.withTx(system("seed"), (tx) =>
    requestJob(tx, system("seed"), { kind: "synthetic-population", region: "450000000000", input: { households: 300 } }),
  );
  const county = office.as("county-officer", "451228");
  await until(async () => {
    const items = (await county.get("/households?limit=200")).json["items"] as unknown[];
    return items.length >= 60 ? true : undefined;
  });
  const asked = await office.as("region-officer", "45").post("/suspect-sweeps", { region: "45" });
  expect(asked.status, JSON.stringify(asked.json)).toBe(202);
  const totals = await until(async () => {
    const job = (await office.as("region-officer", "45").get(`/jobs/${asked.json["jobId"]}`)).json;
    return job["state"] === "done" ? (job["totals"] as Record<string, number>) : undefined;
  });
  const counts = (await office.as("region-officer", "45").get("/suspect-counts")).json["items"] as {
    ruleCode: string;
    suspects: number;
  }[];
  const byRule = new Map<string, number>();
  for (const { ruleCode, suspects } of counts) byRule.set(ruleCode, (byRule.get(ruleCode) ?? 0) + suspects);
  expect(totals["households"]).toBe(300);
  // Each was checked as it was registered: the sweep finds nothing that is not open already.
  expect(totals["raised"]).toBe(0);
  expect(totals["known"]).toBeLessThan(30);
  expect([...byRule.keys()].filter((code) => findRule(code)?.level === "error")).toEqual([]);
});

const run = async (kind: string, input: Record<string, unknown>) => {
  const id = await office.running.db.withTx(system("test"), (tx) =>
    requestJob(tx, system("test"), { kind, region: "450000000000", input }),
  );
  return await until(
    async () => {
      const job = await office.running.db.withReadTx(system("test"), (tx) => findJob(tx, id));
      expect(job?.state).not.toBe("failed");
      return job?.state === "done" ? job.totals : undefined;
    },
    { what: `${kind} to be done`, timeoutMs: 60_000 },
  );
};

test("the demonstration's village has focus households by each of the three conditions", async () => {
  expect((await run("list-focus-households", { region: "45" }))["listed"]).toBeGreaterThan(5);
  const officer = office.as("county-officer", "451228");
  for (const criterion of ["income-fell", "income-low", "epidemic-income-drop"])
    expect((await officer.get(`/focus-households?criterion=${criterion}`)).json["items"], criterion).not.toHaveLength(0);
});
