import { findJob, requestJob, system } from "@shouwang/service-kit";
import { until } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const run = async (kind: string, input: Record<string, unknown>) => {
  const id = await office.running.db.withTx(system("test"), (tx) =>
    requestJob(tx, system("test"), { kind, region: "450000000000", input }),
  );
  return await until(async () => {
    const job = await office.running.db.withReadTx(system("test"), (tx) => findJob(tx, id));
    expect(job?.state).not.toBe("failed");
    return job?.state === "done" ? job.totals : undefined;
  });
};

test("the demonstration's village has focus households by each of the three conditions", async () => {
  expect(await run("synthetic-population", { households: 60 })).toMatchObject({ households: 60 });
  expect((await run("list-focus-households", { region: "45" }))["listed"]).toBeGreaterThan(5);
  const officer = office.as("county-officer", "451228");
  for (const criterion of ["income-fell", "income-low", "epidemic-income-drop"])
    expect((await officer.get(`/focus-households?criterion=${criterion}`)).json["items"], criterion).not.toHaveLength(0);
});
