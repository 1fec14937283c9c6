import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, type Department } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { code, householdOrNone, idOf, personOrNone, region } from "./fields.ts";

export const SuspectId = idOf("SuspectId", "Suspect");
export type SuspectId = z.infer<typeof SuspectId>;

const SuspectRaisedData = z.object({
  suspectId: SuspectId,
  ruleCode: code("Rule or comparison that found it"),
  about: code("Entity whose record looks wrong"),
  aboutId: z.uuidv7().describe("Id of that record"),
  householdId: householdOrNone,
  personId: personOrNone,
  region,
});

/** A department's list disagrees with the registry, or two records with each other: the village checks, nothing is corrected silently. */
export const suspectRaised = <const D extends Exclude<Department, "monitoring">>(by: D) =>
  defineEvent(`${by}.suspect.raised`, 1, SuspectRaisedData, {
    kind: "fact",
    title: { zh: "发现数据疑点", en: "Suspect raised" },
    clauses: ["M-01"],
    readers: ["monitoring", "gateway", "integrators"],
    example: {
      suspectId: ids.suspect,
      ruleCode: "post-overlaps-work-away",
      about: "work-record",
      aboutId: ids.source,
      householdId: ids.household,
      personId: ids.person,
      region: village,
    },
  });

/** The village's answer after the township's look at it. */
export const SuspectClosed = defineEvent(
  "monitoring.suspect.closed",
  1,
  z.object({
    suspectId: SuspectId,
    raisedBy: z.enum(["employment", "industry", "funds", "cooperation", "social"]).describe("Department that raised it"),
    region,
    outcome: z
      .enum(["true-and-mended", "not-true", "true-as-recorded", "household-ended"])
      .describe("What the check found; household-ended: the household ended before anybody had found out"),
    closedOn: DateText.describe("Day it was closed"),
  }),
  {
    kind: "fact",
    title: { zh: "数据疑点已办结", en: "Suspect closed" },
    clauses: ["M-01"],
    readers: ["employment", "industry", "funds", "cooperation", "social", "gateway", "integrators"],
    example: {
      suspectId: ids.suspect,
      raisedBy: "employment",
      region: village,
      outcome: "true-and-mended",
      closedOn: "2022-09-02",
    },
  },
);
