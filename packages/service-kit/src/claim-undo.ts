import { type EventDraft, FundSource, Refusal, type Role, refuse } from "@shouwang/contract";
import { z } from "zod";
import { claimOffices } from "./claim-chain.ts";
import { approvalOf, type ClaimStatus } from "./claim-decide.ts";
import { appealUntil, type ClaimOffice, claimCommand, postingEvent } from "./claim-office.ts";
import { onlyState } from "./claim-review.ts";
import { doStep } from "./claim-step.ts";
import { type Claim, hasOpenClaim } from "./claim-store.ts";
import type { Tx } from "./database.ts";
import { endDeadline } from "./deadline.ts";
import { closePosting, lockPosting } from "./posting.ts";

const { county, reviewers } = claimOffices;
const Text = z.string().trim().min(2).max(1_000).describe("Sealed: people write names into it");

/** Whose it is to send a claim back, reject it or make it void, by where it stands. */
const handlersAt = (status: ClaimStatus): readonly Role[] => {
  if (status === "draft" || status === "village-checked") return reviewers;
  if (status === "posted" || status === "cleared") return ["township-officer", ...county];
  return county;
};
const isTheirs = (claim: Claim, roles: readonly Role[]) => handlersAt(claim.standing.status).some((role) => roles.includes(role));

/** Takes a posting down that is still up. */
async function takeDown<Db>(tx: Tx<Db>, office: ClaimOffice<Db>, claim: Claim, at: Date): Promise<EventDraft[]> {
  if (claim.standing.status !== "posted") return [];
  const posting = await lockPosting(tx, office.kind.kind, claim.id);
  if (!posting) return [];
  await closePosting(tx, posting.id, "withdrawn", at);
  await endDeadline(tx, "answer-claim-objection", office.kind.kind, claim.id, "cancelled", at);
  return [postingEvent(office, posting, "withdrawn", posting.version + 1)];
}

/** The routes by which a claim goes back, ends, or is looked at again before any money was asked for. */
export function returningRoutes<Db>(office: ClaimOffice<Db>) {
  const { kind } = office;
  const sendBack = claimCommand(
    office,
    {
      operation: `return-${kind.kind}`,
      path: "return",
      summary: { zh: `退回上一环节:${kind.title.zh}`, en: `Send back to an earlier step, with the reason: ${kind.title.en}` },
      allow: reviewers,
      body: z.object({
        to: z.enum(["draft", "village-checked", "cleared"]).describe("Where it then stands"),
        because: z.enum(["papers-missing", "facts-differ", "wrong-person", "amount-unclear", "other"]),
        note: Text,
      }),
      problems: ["claim-state", "role-not-allowed"],
    },
    async (claim, { tx, body, ...given }) => {
      if (!isTheirs(claim, given.actor.roles)) return refuse("role-not-allowed");
      const down = await takeDown(tx, office, claim, given.now);
      const done = await doStep(tx, kind, claim, { step: "return", to: body.to }, given, {
        ...{ note: body.note, outcome: body.because, detail: { to: body.to } },
      });
      return done instanceof Refusal ? onlyState(done) : { ...done, events: [...done.events, ...down] };
    },
  );
  const reject = claimCommand(
    office,
    {
      operation: `reject-${kind.kind}`,
      path: "rejection",
      summary: { zh: `不予批准:${kind.title.zh}`, en: `Reject, with the reason: ${kind.title.en}` },
      allow: reviewers,
      body: z.object({
        because: z.enum(["not-eligible", "paid-elsewhere", "facts-not-true", "no-proof", "other"]),
        note: Text,
      }),
      problems: ["claim-state", "role-not-allowed", "same-person-twice"],
    },
    async (claim, { tx, body, ...given }) => {
      if (!isTheirs(claim, given.actor.roles)) return refuse("role-not-allowed");
      const down = await takeDown(tx, office, claim, given.now);
      const taken = { step: "rejection", because: body.because, rejectedOn: given.today } as const;
      const done = await doStep(tx, kind, claim, taken, given, { note: body.note, outcome: body.because });
      return done instanceof Refusal ? done : { ...done, events: [...done.events, ...down] };
    },
  );
  const reopen = claimCommand(
    office,
    {
      operation: `reopen-${kind.kind}`,
      path: "reopening",
      summary: { zh: `复核:重新办理被拒申请:${kind.title.zh}`, en: `Look again at a rejected claim: ${kind.title.en}` },
      allow: county,
      body: z.object({ grounds: Text.describe("What the claimant says against the rejection. Sealed") }),
      problems: ["claim-state", "claim-appeal-late", "same-person-twice", "claim-exists", "role-not-allowed"],
    },
    async (claim, { tx, body, ...given }) => {
      const until = await appealUntil(tx, claim);
      if (until !== undefined && given.today > until)
        return refuse("claim-appeal-late", { detail: { zh: `复核期限至${until}`, en: `It could be asked for until ${until}` } });
      if (claim.standing.status === "rejected" && (await hasOpenClaim(tx, claim))) return refuse("claim-exists");
      return await doStep(tx, kind, claim, { step: "reopening" }, given, { note: body.grounds, outcome: "reopened" });
    },
  );
  return { sendBack, reject, reopen };
}

/** The routes about a payment that was asked for: withdrawn with its claim, sent again, got back. */
export function moneyRoutes<Db>(office: ClaimOffice<Db>) {
  const { kind, payments } = office;
  const makeVoid = claimCommand(
    office,
    {
      operation: `void-${kind.kind}`,
      path: "voiding",
      summary: {
        zh: `作废或撤回(已申请支付的先撤回支付):${kind.title.zh}`,
        en: `Make void, or withdraw; a payment that was asked for is withdrawn first: ${kind.title.en}`,
      },
      allow: reviewers,
      body: z.object({
        because: z.enum(["withdrawn-by-claimant", "made-in-error", "claimed-twice", "no-longer-due", "other"]),
        note: Text.optional(),
      }),
      problems: ["claim-state", "role-not-allowed"],
    },
    async (claim, { tx, body, ...given }) => {
      if (!isTheirs(claim, given.actor.roles)) return refuse("role-not-allowed");
      const down = await takeDown(tx, office, claim, given.now);
      const taken = { step: "voiding", because: body.because } as const;
      const done = await doStep(tx, kind, claim, taken, given, { note: body.note, outcome: body.because });
      if (done instanceof Refusal) return onlyState(done);
      const asked = done.claim.standing.status === "withdrawing" ? approvalOf(done.claim.standing) : undefined;
      const withdrawn = asked ? await payments.withdraw(tx, asked.paymentId) : [];
      return { ...done, events: [...done.events, ...down, ...withdrawn] };
    },
  );
  const resend = claimCommand(
    office,
    {
      operation: `resend-${kind.kind}-payment`,
      path: "resending",
      summary: {
        zh: `退票或未受理:更正后重新申请支付:${kind.title.zh}`,
        en: `Ask again for a payment that came back or was refused, once that is mended: ${kind.title.en}`,
      },
      allow: county,
      body: z.object({
        mended: z.enum(["account", "identity-number", "money", "source", "other"]).describe("What was put right"),
        sourceKinds: z.array(FundSource).min(1).max(15).optional().describe("Other pools, where the pool was the trouble"),
        note: Text.optional(),
      }),
      problems: ["claim-state", "role-not-allowed"],
    },
    async (before, { tx, body, ...given }) => {
      const done = await doStep(tx, kind, before, { step: "resending" }, given, { note: body.note, outcome: body.mended });
      if (done instanceof Refusal) return onlyState(done);
      const held = approvalOf(before.standing);
      if (!held) throw new Error("a payment that came back has no approval");
      const events = await payments.again(tx, held.paymentId, body.sourceKinds);
      return { ...done, events: [...done.events, ...events] };
    },
  );
  const clawBack = claimCommand(
    office,
    {
      operation: `claw-back-${kind.kind}`,
      path: "clawback",
      summary: { zh: `认定不应发放,追回:${kind.title.zh}`, en: `A payment was wrong: ask for it back: ${kind.title.en}` },
      allow: county,
      body: z.object({
        finding: z.enum(["not-eligible", "false-proof", "paid-twice", "wrong-amount", "other"]),
        document: z.string().trim().min(4).max(80).optional().describe("Number of the finding's document"),
        note: Text,
      }),
      problems: ["claim-state", "role-not-allowed"],
    },
    async (claim, { tx, body, ...given }) => {
      const done = await doStep(tx, kind, claim, { step: "clawback", because: body.finding }, given, {
        ...{ note: body.note, outcome: body.finding, detail: { document: body.document ?? null } },
      });
      if (done instanceof Refusal) return onlyState(done);
      const asked = approvalOf(done.claim.standing);
      if (!asked) throw new Error("a paid claim has no approval");
      return { ...done, events: [...done.events, ...(await payments.clawBack(tx, asked.paymentId))] };
    },
  );
  return { makeVoid, resend, clawBack };
}
