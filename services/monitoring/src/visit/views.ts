import { z } from "zod";
import { type CaseSpan, countsForHelperVisit, countsForRound, type HelperSpan, type Visit } from "./decide.ts";

export const Purpose = z.enum(["monthly-round", "helper-visit", "monthly-help", "verification", "sweep"]);
export const Mode = z.enum(["home", "phone", "video"]);
export const Need = z.enum([
  "job",
  "training",
  "post",
  "industry",
  "loan",
  "health",
  "schooling",
  "housing",
  "drinking-water",
  "safety-net",
]);

export const VisitView = z.object({
  visitId: z.string(),
  householdId: z.string(),
  region: z.string(),
  caseId: z.string().nullable(),
  purposes: z.array(Purpose),
  mode: Mode,
  visitorRole: z.enum(["grid-worker", "helper", "first-secretary", "village-officer", "township-officer"]),
  visitedOn: z.string(),
  syncedAt: z.string(),
  householdAway: z.boolean().describe("The whole household was away"),
  changed: z.boolean(),
  needs: z.array(Need),
  version: z.int().describe("1, then one more for each amendment"),
  withdrawn: z.boolean().describe("Taken back by an amendment; it counts for nothing"),
  round: z.enum(["at-home", "by-call", "not-counted"]).describe("How it counts for the monthly round"),
  helperVisit: z
    .enum(["counts", "other-purpose", "outside-monitoring", "not-its-helper", "household-away", "not-at-home"])
    .describe("Whether it is the helper's monthly home visit, or why not"),
});

/** What the reading of a visit turns on: the settings of the round, and the case with its helpers where there is one. */
export type VisitContext = {
  phoneCountsWhenAbsent: boolean;
  monitored: CaseSpan | undefined;
  helpers: readonly HelperSpan[];
};

/** How a visit counts for the monthly round, in a word. */
export const roundReading = (visit: Visit, context: VisitContext) => countsForRound(visit, context) ?? ("not-counted" as const);

export const visitView = (visit: Visit, context: VisitContext): z.input<typeof VisitView> => {
  const { id, visitor: _, ...rest } = visit;
  return {
    ...rest,
    visitId: id,
    syncedAt: visit.syncedAt.toISOString(),
    // Safe: the one route that writes them takes them from this list.
    needs: visit.needs as z.input<typeof Need>[],
    round: roundReading(visit, context),
    helperVisit: countsForHelperVisit(visit, {
      helpers: context.helpers,
      monitored: context.monitored ?? { includedOn: null, clearedOn: null },
    }),
  };
};
