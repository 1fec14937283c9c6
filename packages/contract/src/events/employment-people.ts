import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { household, idOf, person, region } from "./fields.ts";
import { ProjectId } from "./payment.ts";
import { trainingFinished } from "./training.ts";

export const ReturneeState = z.object({
  returneeId: idOf("ReturneeId", "Returnee file"),
  personId: person,
  householdId: household,
  region,
  returnedOn: DateText.describe("Day of return"),
  epidemic: z.boolean().describe("Back because of the epidemic"),
  wish: z
    .enum(["go-out-again", "work-nearby", "own-business", "post", "training", "farming", "not-now"])
    .nullable()
    .describe("Wish recorded; null until filed"),
  status: z.enum(["found", "filed", "helping", "settled", "left-again", "closed"]).describe("Where the file stands"),
});
export type ReturneeState = z.infer<typeof ReturneeState>;
const returneeExample: z.input<typeof ReturneeState> = {
  returneeId: ids.source,
  personId: ids.person,
  householdId: ids.household,
  region: village,
  returnedOn: "2022-07-30",
  epidemic: true,
  wish: null,
  status: "found",
};
const aboutReturnee = { kind: "state", clauses: ["E-10", "M-05"], readers: ["monitoring", "gateway", "integrators"] } as const;

export const ReturneeFound = defineEvent("employment.returnee.found", 1, ReturneeState, {
  ...aboutReturnee,
  title: { zh: "发现返乡回流人员", en: "Returnee found" },
  example: returneeExample,
});
export const ReturneeFiled = defineEvent("employment.returnee.filed", 1, ReturneeState, {
  ...aboutReturnee,
  title: { zh: "返乡回流人员已建档", en: "Returnee file opened, wish recorded" },
  example: { ...returneeExample, wish: "work-nearby", status: "filed" },
});
export const ReturneeHelped = defineEvent("employment.returnee.helped", 1, ReturneeState, {
  ...aboutReturnee,
  title: { zh: "返乡回流人员已获帮扶", en: "Returnee helped" },
  example: { ...returneeExample, wish: "work-nearby", status: "helping" },
});
export const ReturneeSettled = defineEvent("employment.returnee.settled", 1, ReturneeState, {
  ...aboutReturnee,
  title: { zh: "返乡回流人员已就业", en: "Returnee settled or gone out again" },
  example: { ...returneeExample, wish: "work-nearby", status: "settled" },
});
export const ReturneeClosed = defineEvent("employment.returnee.closed", 1, ReturneeState, {
  ...aboutReturnee,
  title: { zh: "返乡回流档案已结案", en: "Returnee file closed" },
  example: { ...returneeExample, wish: "not-now", status: "closed" },
});

export const TrainingFinished = trainingFinished(
  "employment",
  ["E-12", "E-13", "M-06"],
  ["monitoring", "cooperation", "gateway", "integrators"],
);

export const YuluToJobPlaced = defineEvent(
  "employment.yulu-to-job.placed",
  1,
  z.object({
    placementId: idOf("PlacementId", "A graduate's first day at a job"),
    personId: person,
    householdId: household,
    region,
    startedOn: DateText.describe("First day at the job"),
    scope: z.enum(["in-county", "in-region", "outside-region", "abroad"]).describe("Where the job is"),
  }),
  {
    kind: "fact",
    title: { zh: "雨露计划毕业生已就业", en: "Yulu graduate placed in a job" },
    clauses: ["E-12"],
    readers: ["monitoring", "cooperation", "gateway", "integrators"],
    example: {
      placementId: ids.source,
      personId: ids.person,
      householdId: ids.household,
      region: village,
      startedOn: "2022-07-11",
      scope: "outside-region",
    },
  },
);

export const LabourRollState = z.object({
  labourRollId: idOf("LabourRollId", "Labour roll of one work-for-relief project"),
  projectId: ProjectId,
  region,
  persons: z.int().nonnegative().describe("Distinct persons on the roll"),
  targetPersons: z.int().nonnegative().describe("Of them lifted or monitored"),
  days: z.int().nonnegative().describe("Days worked and signed for"),
  earnedFen: Fen.describe("Labour pay earned, in fen"),
  paidFen: Fen.describe("Labour pay that reached persons' accounts, in fen; only this counts at acceptance"),
  status: z.enum(["open", "posted", "paid", "verified"]).describe("Where the roll stands"),
});
export type LabourRollState = z.infer<typeof LabourRollState>;
const rollExample: z.input<typeof LabourRollState> = {
  labourRollId: ids.source,
  projectId: ids.project,
  region: village,
  persons: 38,
  targetPersons: 21,
  days: 1460,
  earnedFen: 23_360_000,
  paidFen: 0,
  status: "open",
};
const aboutRoll = {
  kind: "state",
  clauses: ["E-14b", "E-15"],
  readers: ["monitoring", "funds", "gateway", "integrators"],
} as const;

/** The roll's totals, after every change of them; funds tests the share of labour pay with these. */
export const LabourRollTotalled = defineEvent("employment.labour-roll.totalled", 1, LabourRollState, {
  ...aboutRoll,
  title: { zh: "劳务报酬名册已汇总", en: "Totals of a labour roll" },
  example: rollExample,
});
export const LabourRollVerified = defineEvent("employment.labour-roll.verified", 1, LabourRollState, {
  ...aboutRoll,
  title: { zh: "劳务报酬名册已核验", en: "Labour roll verified" },
  example: { ...rollExample, paidFen: 23_360_000, status: "verified" },
});
