import { Refusal } from "@shouwang/contract";
import { isSecondByOne } from "@shouwang/service-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CaseStep, inclusionChain } from "./chain.ts";
import { type MonitoredCase, type SharedStep, takeShared } from "./decide.ts";

const place: MonitoredCase = {
  id: "c",
  householdId: "h",
  region: "451228100003",
  leadId: null,
  previousCaseId: null,
  status: "compared",
  procedure: "inclusion",
  clearanceStep: null,
  round: 1,
  monitoredKind: null,
  risks: ["illness"],
  disasterKind: null,
  epidemic: false,
  foundAt: new Date(0),
  openedAt: new Date(0),
  countyApprovedOn: null,
  countyDocument: null,
  nationalEntryOn: null,
  includedOn: null,
  incomeAtInclusionId: null,
  postingId: null,
  clearanceProposedOn: null,
  clearedOn: null,
  clearedBy: null,
  closedBecause: null,
  version: 1,
};
const clearance: MonitoredCase = {
  ...place,
  status: "clearance-proposed",
  procedure: "clearance",
  clearanceStep: "proposed",
  round: 2,
};

const steps: CaseStep[] = ["village-review", "posting", "objection-answered", "township-check", "county-approval"];
const judged: readonly string[] = ["village-review", "township-check", "county-approval"];

/** M-03: what the states allow of a wish; the county's approval ends the round. */
function go(monitored: MonitoredCase, step: CaseStep): MonitoredCase | undefined {
  if (step === "county-approval")
    return [monitored.clearanceStep, monitored.status].includes("township-checked")
      ? { ...monitored, status: "included", clearanceStep: null }
      : undefined;
  // Safe: the other four are the shared steps.
  const next = takeShared(monitored, step as SharedStep);
  return next instanceof Refusal ? undefined : next;
}

test("in whatever order officers try, in their own office or another's, nobody decides twice on one case", () => {
  const wish = fc.record({ actor: fc.constantFrom("i|a", "i|b", "i|c"), step: fc.constantFrom(...steps, "objection" as const) });
  let approved = 0;
  fc.assert(
    fc.property(fc.boolean(), fc.array(wish, { minLength: 10, maxLength: 60 }), (isClearance, wishes) => {
      let monitored = isClearance ? clearance : place;
      const taken: { step: string; actor: string }[] = [
        isClearance ? { step: "clearance-proposal", actor: "i|a" } : { step: "comparison", actor: "i|a" },
      ];
      for (const { actor, step } of wishes) {
        if (step === "objection") {
          const objected = takeShared(monitored, "objection");
          if (!(objected instanceof Refusal)) monitored = objected;
          continue;
        }
        const next = go(monitored, step);
        if (!next || isSecondByOne(inclusionChain, taken, step, actor)) continue;
        monitored = next;
        taken.push({ step, actor });
      }
      for (const actor of ["i|a", "i|b", "i|c"]) {
        const own = taken.filter((one) => one.actor === actor).map((one) => one.step);
        expect(own.filter((step) => judged.includes(step)).length).toBeLessThanOrEqual(1);
        if (own.includes("clearance-proposal")) expect(own).not.toContain("township-check");
      }
      if (taken.some(({ step }) => step === "county-approval")) approved += 1;
    }),
    { numRuns: 500 },
  );
  // The law is not held by nothing ever being approved.
  expect(approved).toBeGreaterThan(0);
});
