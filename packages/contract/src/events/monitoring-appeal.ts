import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { caseOrNone, household, idOf, leadOrNone, region } from "./fields.ts";

export const AppealId = idOf("AppealId", "Appeal");

/** The public state of an appeal: what a household does not accept, who decides it, and what came of it. Its grounds are not told. */
export const AppealState = z.object({
  appealId: AppealId,
  householdId: household,
  region,
  leadId: leadOrNone.describe("Lead that was turned away, or null"),
  caseId: caseOrNone.describe("Case that was refused or cleared, or null"),
  against: z
    .enum(["verification", "village-review", "township-check", "county-approval", "clearance"])
    .describe("The decision appealed against"),
  decidedAt: z.enum(["township", "county", "city"]).describe("Level that decides: the one above"),
  filedOn: DateText.describe("Day on which the household made it"),
  dueOn: DateText.describe("Last day for the decision"),
  status: z
    .enum(["filed", "upheld", "overturned", "withdrawn", "lapsed"])
    .describe("upheld: the decision stands; overturned: it is taken again; lapsed: the household ended before it was decided"),
  decidedOn: DateText.nullable().describe("Day of the decision, or null"),
});
export type AppealState = z.infer<typeof AppealState>;

const example: z.input<typeof AppealState> = {
  appealId: ids.appeal,
  householdId: ids.household,
  region: village,
  leadId: null,
  caseId: ids.case,
  against: "township-check",
  decidedAt: "county",
  filedOn: "2022-08-20",
  dueOn: "2022-09-04",
  status: "filed",
  decidedOn: null,
};
const about = { kind: "state", clauses: ["M-03", "M-04c"], readers: ["gateway", "integrators"] } as const;

export const AppealFiled = defineEvent("monitoring.appeal.filed", 1, AppealState, {
  ...about,
  title: { zh: "农户已申诉", en: "Household appealed against a decision" },
  example,
});
export const AppealDecided = defineEvent("monitoring.appeal.decided", 1, AppealState, {
  ...about,
  title: { zh: "申诉已裁定", en: "Appeal decided" },
  example: { ...example, status: "overturned", decidedOn: "2022-08-26" },
});
/** The household ended: there is nobody left for whom the decision could be taken again. */
export const AppealLapsed = defineEvent("monitoring.appeal.lapsed", 1, AppealState, {
  ...about,
  title: { zh: "申诉因农户注销终止", en: "Appeal ended with its household" },
  example: { ...example, status: "lapsed" },
});
export const AppealWithdrawn = defineEvent("monitoring.appeal.withdrawn", 1, AppealState, {
  ...about,
  title: { zh: "申诉已撤回", en: "Appeal withdrawn" },
  example: { ...example, status: "withdrawn" },
});
