import { reviewChain } from "@shouwang/service-kit";
import { z } from "zod";
import { findRule } from "./decide.ts";
import { FoundValue, type Suspect } from "./store.ts";

/** Who takes which step; nobody takes two in a row. */
export const suspectReview = reviewChain("suspect", [
  { step: "assigned", roles: ["county-officer", "township-officer"], begins: true },
  { step: "checked", roles: ["village-officer", "first-secretary"] },
  { step: "reviewed", roles: ["township-officer"] },
  { step: "closed", roles: ["county-officer"] },
]);

export const SuspectView = z.object({
  suspectId: z.string(),
  householdId: z.string(),
  region: z.string(),
  personId: z.string().nullable(),
  ruleCode: z.string(),
  rule: z.object({ zh: z.string(), en: z.string() }).nullable().describe("What the rule says; null for a comparison of lists"),
  field: z.string(),
  found: z.array(FoundValue).describe("The values that do not go together, each with its source; personal ones masked"),
  raisedBy: z.string().describe("Department that found it"),
  status: z.enum(["new", "assigned", "checked", "reviewed", "returned", "closed"]),
  outcome: z
    .enum(["true-and-mended", "true-as-recorded", "not-true", "household-ended"])
    .nullable()
    .describe("Wrong and corrected; odd but right as recorded; the other source is wrong; or the household ended first"),
  because: z.string().nullable(),
  fileId: z.string().nullable().describe("Proof"),
  assignedTo: z.string().nullable(),
  round: z.int(),
  openedAt: z.string(),
  vanishedAt: z.string().nullable().describe("Since when the record no longer shows it; still to be checked"),
  closedOn: z.string().nullable(),
  expiresOn: z.string().nullable().describe("Until when the decision holds for the same values"),
  version: z.int(),
});

export const suspectView = ({ id, fingerprint: _, ...suspect }: Suspect): z.input<typeof SuspectView> => {
  const rule = findRule(suspect.ruleCode);
  return {
    ...suspect,
    suspectId: id,
    rule: rule ? { zh: rule.zh, en: rule.en } : null,
    openedAt: suspect.openedAt.toISOString(),
    vanishedAt: suspect.vanishedAt?.toISOString() ?? null,
  };
};
