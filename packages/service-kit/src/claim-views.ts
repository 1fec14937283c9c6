import { Bilingual, Reason } from "@shouwang/contract";
import { findDivision, pathOf } from "@shouwang/regions";
import { z } from "zod";
import { approvalOf, claimStatuses } from "./claim-decide.ts";
import type { ClaimNote } from "./claim-note.ts";
import type { Claim } from "./claim-store.ts";
import { PaymentView } from "./payment-request.ts";

export const ClaimPath = z.object({ claimId: z.uuid() });
export const ClaimStatusName = z.enum(claimStatuses);

export const ClaimView = z.object({
  claimId: z.string(),
  personId: z.string().nullable(),
  householdId: z.string().nullable(),
  name: z.string().nullable().describe("Masked"),
  region: z.string().describe("Village of registration on the date that counts; it pays, and the claim stays there"),
  place: z.string(),
  period: z.string().describe("Year, month, term or item it is for"),
  countsOn: z.string().describe("The date that counts"),
  madeOn: z.string(),
  status: ClaimStatusName,
  statusReason: z
    .string()
    .nullable()
    .describe("Why it stands there: of a rejection, a return by the bank, a refusal by funds, a clawback"),
  amountFen: z.int().nullable(),
  outcome: z
    .enum(["eligible", "waiting", "by-decision", "not-eligible"])
    .describe(
      "What the rule says; waiting: not to be granted before something is known; by-decision: the county decides with a reason",
    ),
  listAwaited: z.boolean().describe("It rests on a list of counties that is not loaded yet"),
  waitsSince: z.string(),
  dueAt: z.string().nullable().describe("When it will have waited too long at this step"),
  late: z.boolean(),
  approvedOn: z.string().nullable(),
  paidOn: z.string().nullable(),
  version: z.int(),
});

/** @param names masked, by person */
export function claimView(claim: Claim, names: ReadonlyMap<string, string>, now: Date): z.input<typeof ClaimView> {
  const { standing, assessment } = claim;
  const approval = approvalOf(standing);
  return {
    claimId: claim.id,
    personId: claim.personId,
    householdId: claim.householdId,
    name: claim.personId === null ? null : (names.get(claim.personId) ?? null),
    region: claim.region,
    place: findDivision(claim.region) ? pathOf(claim.region).join("") : claim.region,
    period: claim.periodKey,
    countsOn: claim.on,
    madeOn: claim.madeOn,
    status: standing.status,
    statusReason: "because" in standing ? standing.because : null,
    amountFen: approval?.amountFen ?? assessment.amountFen,
    outcome: assessment.outcome,
    listAwaited: assessment.listAwaited,
    waitsSince: claim.waitsSince.toISOString(),
    dueAt: claim.dueAt?.toISOString() ?? null,
    late: claim.dueAt !== null && claim.dueAt < now,
    approvedOn: approval?.approvedOn ?? null,
    paidOn: "paidOn" in standing ? standing.paidOn : null,
    version: claim.version,
  };
}

const Objection = z.object({
  content: z.string(),
  raisedAt: z.string(),
  answeredAt: z.string().nullable(),
  upheld: z.boolean().nullable(),
});
const Step = z.object({
  step: z.string(),
  outcome: z.string(),
  actor: z.string(),
  actingFor: z.string().nullable(),
  at: z.string(),
});
const Note = z.object({ step: z.string(), text: z.string(), by: z.string(), at: z.string() });

/** A claim with what the rule said of it. */
export const ClaimWithReasons = ClaimView.extend({
  explanation: z.array(Reason),
  appeal: Bilingual.nullable().describe("Of a rejected claim: what can be done about it, and until when"),
});
export const withReasons = (
  claim: Claim,
  names: ReadonlyMap<string, string>,
  now: Date,
  appeal: z.input<typeof Bilingual> | null = null,
): z.input<typeof ClaimWithReasons> => ({
  ...claimView(claim, names, now),
  explanation: [...claim.assessment.reasons],
  appeal,
});

/** A claim with everything that belongs to it. */
export const claimDetail = (facts: z.ZodObject) =>
  ClaimWithReasons.extend({
    facts,
    steps: z.array(Step).describe("Who took which step, oldest first"),
    notes: z.array(Note).describe("What was written to them"),
    posting: z
      .object({
        postingId: z.string(),
        startsOn: z.string(),
        lastDay: z.string(),
        state: z.string(),
        body: z.record(z.string(), z.string()),
        openObjections: z.int(),
      })
      .nullable(),
    objections: z.array(Objection),
    payment: PaymentView.nullable(),
  });

export const noteViews = (notes: readonly ClaimNote[]) => notes.map(({ at, ...note }) => ({ ...note, at: at.toISOString() }));
