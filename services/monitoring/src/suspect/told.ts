import { EmploymentSuspectRaised, SuspectClosed } from "@shouwang/contract";
import { businessDate, businessNow, takeKey } from "@shouwang/service-kit";
import { reaction } from "../kit.ts";
import { raiseTold } from "./run.ts";
import { householdToAsk } from "./told-store.ts";

/**
 * M-01: a suspect that employment raised comes into the workbench under its own id, once: the village checks the record there, and employment is told how it ended.
 * One that nobody can be asked about any more ends at once.
 */
export const employmentSuspects = reaction({
  name: "suspect-employment",
  events: [EmploymentSuspectRaised],
  apply: async (tx, { data, envelope }) => {
    const told = EmploymentSuspectRaised.schema.parse(data);
    const now = await businessNow(tx);
    const household = await householdToAsk(tx, { personId: told.personId, householdId: told.householdId });
    if (!household) {
      // Answered once, whatever is told again.
      if (!(await takeKey(tx, "suspect-answered", [told.suspectId], told.suspectId))) return [];
      const { suspectId, region } = told;
      const closedOn = businessDate(now);
      return [
        SuspectClosed.of(suspectId, 1, region, {
          suspectId,
          raisedBy: "employment",
          region,
          outcome: "household-ended",
          closedOn,
        }),
      ];
    }
    const date = businessDate(new Date(envelope.time));
    const value = { field: told.about, value: told.aboutId, source: told.ruleCode, department: "employment", date };
    await raiseTold(tx, { ...told, ...household, raisedBy: "employment" }, value, now);
    return [];
  },
});
