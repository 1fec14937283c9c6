import { requestJob, system } from "@shouwang/service-kit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { demoHouseholds } from "./population.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

test("a demonstration's own village has a household for each kind of what departments send, and the rules find them", async () => {
  const county = office.as("county-officer", "451228");
  for (const [key, value] of [
    ["screening.medicalSelfPaid", 1_000_000],
    ["screening.medicalSevere", 3_000_000],
    ["screening.disasterLoss", 1_000_000],
    ["monitoring-line", 700_000],
  ])
    await county.post("/parameters", { key, value, region: "451228000000", validFrom: "2022-01-01", document: "演示" });
  await office.running.db.withTx(system("test"), (tx) =>
    requestJob(tx, system("seed"), {
      kind: "synthetic-population",
      region: "450000000000",
      input: { households: demoHouseholds },
    }),
  );
  // A dry run puts several questions: asked while the households commit, it may count them and not have seen what was sent of them.
  await vi.waitFor(
    async () => {
      const { json } = await county.post("/screening-runs/dry", {});
      expect(json["households"]).toBe(demoHouseholds);
      expect(Object(json["byRule"]).map(({ code }: { code: string }) => code)).toEqual(
        expect.arrayContaining([
          ...["medical-self-paid", "medical-severe", "new-disability", "unsafe-housing", "unsafe-water", "disaster-loss"],
          ...["wage-stopped", "low-income-added", "low-income-ended", "accident"],
        ]),
      );
    },
    { timeout: 60_000, interval: 200 },
  );
});
