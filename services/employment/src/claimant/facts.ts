import { z } from "zod";

/** Who the person was on the date that counts: the part of a claim's facts that every kind keeps. */
export const whoFacts = {
  householdKind: z.enum(["lifted", "never-poor"]),
  monitored: z.boolean(),
  cleared: z.boolean().describe("Monitored once, its risk cleared by that day"),
  statusAssumed: z.boolean(),
  age: z.int().nullable(),
  numberVerified: z.boolean(),
  asOf: z.string().describe("Day on which this was read"),
  movedSince: z.boolean(),
};
