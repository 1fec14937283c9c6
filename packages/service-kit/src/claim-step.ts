import type { EventDraft, ClaimStatus as ToldStatus } from "@shouwang/contract";
import { Refusal, refuse } from "@shouwang/contract";
import { claimKeysOf } from "@shouwang/plan";
import { v7 as uuidv7 } from "uuid";
import { addDays, type BusinessDate, businessDate, endOfDay } from "./calendar.ts";
import { claimChain, claimWaits } from "./claim-chain.ts";
import {
  approvalOf,
  type ClaimStep,
  type HeldKey,
  holdsKeys,
  type Standing,
  type StepName,
  settleClaim,
  takeClaimStep,
  toldAs,
} from "./claim-decide.ts";
import { releaseKey, takeKey } from "./claim-key.ts";
import type { ClaimKind, FurtherKeys } from "./claim-kind.ts";
import { writeNote } from "./claim-note.ts";
import { refuseIneligible } from "./claim-rule-decide.ts";
import { type Claim, insertClaim, lockClaim, saveClaim } from "./claim-store.ts";
import type { Executor, Tx } from "./database.ts";
import { cancelDeadlines, openDeadline } from "./deadline.ts";
import { parameterFor } from "./parameter.ts";
import type { Settler } from "./payment-request.ts";
import type { Keys } from "./personal-data.ts";
import { actorOf, type Principal } from "./principal.ts";
import { takeStep } from "./review-chain.ts";

/** Who acts when. */
export type Acting = { actor: Principal; now: Date; today: BusinessDate; keys: Keys };

/** A claim has one round: whoever decided on it decides on it once, whatever it goes through. */
const round = 1;
const aboutClaim = (claim: Claim) => ({
  entity: claim.kind,
  entityId: claim.id,
  ...(claim.householdId === null ? {} : { householdId: claim.householdId }),
  region: claim.region,
});

/** When a claim that comes to stand somewhere is late, and the clock of whoever it waits for. */
async function restart(tx: Executor, clause: string, claim: Claim, before: Standing | undefined, now: Date): Promise<Claim> {
  const { status } = claim.standing;
  const wait = claimWaits[status];
  const same = before !== undefined && claimWaits[before.status]?.kind === wait?.kind && before.status !== status;
  if (before?.status === status || (same && wait !== undefined)) return claim;
  if (before !== undefined) await cancelDeadlines(tx, claim.kind, claim.id, now);
  if (!wait) return { ...claim, waitsSince: now, dueAt: null };
  const today = businessDate(now);
  const days = await parameterFor(tx, wait.days, claim.region, today);
  const dueAt = endOfDay(addDays(today, days.value));
  const { kind, role } = wait;
  await openDeadline(tx, { ...aboutClaim(claim), kind, clause, role, startedAt: now, dueAt });
  return { ...claim, waitsSince: now, dueAt };
}

const toldStatus: Record<string, ToldStatus> = {
  "awaiting-funds": "awaiting-funds",
  accepted: "approved",
  "payment-refused": "awaiting-funds",
  "payment-returned": "awaiting-funds",
  withdrawing: "awaiting-funds",
  paid: "paid",
  "clawback-due": "paid",
  "clawed-back": "clawed-back",
  rejected: "rejected",
  void: "rejected",
};

/** The status under which other departments know a claim. */
export const statusTold = (standing: Standing): ToldStatus => toldStatus[standing.status] ?? "submitted";

/** Keeps a claim as it now stands, with its clock, its keys given back where it no longer holds them, and tells those who turn on it. */
async function settleAs<Db>(
  tx: Tx<Db>,
  kind: ClaimKind<Db>,
  before: Claim,
  after: Claim,
  now: Date,
): Promise<{ claim: Claim; events: EventDraft[] }> {
  let claim = await restart(tx, kind.clause, { ...after, version: before.version + 1 }, before.standing, now);
  if (holdsKeys(before.standing) && !holdsKeys(claim.standing)) await giveBack(tx, claim);
  const event = toldAs(claim.standing);
  const wasTold = toldAs(before.standing);
  const says = event !== undefined && (event !== wasTold || statusTold(claim.standing) !== statusTold(before.standing));
  // A claim that was never decided has nobody to be told of its end, save where it was rejected.
  const tells = says && !(claim.standing.status === "void" && before.told === 0);
  if (tells) claim = { ...claim, told: claim.told + 1 };
  await saveClaim(tx, claim);
  const events = tells && event ? [kind.events[event].of(claim.id, claim.told, claim.region, kind.state(claim))] : [];
  return { claim, events };
}

async function giveBack(tx: Executor, claim: Claim): Promise<void> {
  for (const { kind, key } of approvalOf(claim.standing)?.keys ?? []) await releaseKey(tx, kind, [key], claim.id);
}

/**
 * Takes the keys of what a claim's purpose excludes, and one of its kind's slots, in an order that is the same for all, so that no two claims wait crosswise.
 * Whoever holds one already is told "elsewhere in the region", never where.
 */
export async function takeKeys<Db>(
  tx: Tx<Db>,
  kind: ClaimKind<Db>,
  claim: Claim,
  further: FurtherKeys,
): Promise<HeldKey[] | Refusal<"claim-paid-elsewhere" | "claim-cap-reached">> {
  const held: HeldKey[] = [];
  const wanted = [...claimKeysOf(kind.purpose, claim.subjectId, claim.periodKey), ...(further.also ?? [])];
  for (const { kind: of, key } of wanted) {
    if (!(await takeKey(tx, of, [key], claim.id)))
      return refuse("claim-paid-elsewhere", {
        reasons: [
          {
            code: "elsewhere-in-the-region",
            clause: kind.clause,
            zh: "同一对象同一期间已在自治区内其他处审定或发放",
            en: "It is approved or paid already elsewhere in the region for the same period",
            facts: [{ name: { zh: "期间", en: "Period" }, value: claim.periodKey }],
          },
        ],
      });
    held.push({ kind: of, key });
  }
  const { slots } = further;
  if (!slots) return held;
  for (const key of slots.keys) if (await takeKey(tx, slots.kind, [key], claim.id)) return [...held, { kind: slots.kind, key }];
  return refuse("claim-cap-reached", { reasons: [slots.none] });
}

/** Makes a claim: prepared and assessed by its kind, refused with the rule's reasons where it cannot be had. */
export async function makeClaim<Db>(tx: Tx<Db>, kind: ClaimKind<Db>, entry: unknown, given: Acting) {
  const { actor, now, today } = given;
  const prepared = await kind.prepare({ tx, entry, actor, today });
  if (prepared instanceof Refusal) return prepared;
  const blank: Claim = {
    ...{ id: uuidv7(), kind: kind.kind, purpose: kind.purpose, madeOn: today, submitter: actorOf(actor) },
    ...prepared,
    ...{ assessment: { outcome: "eligible", amountFen: null, reasons: [], listAwaited: false }, standing: { status: "draft" } },
    ...{ waitsSince: now, dueAt: null, told: 0, version: 1 },
  };
  const { claim: assessed } = await kind.assess(tx, blank, today);
  const refused = refuseIneligible(assessed.assessment);
  if (refused) return refused;
  const claim = await restart(tx, kind.clause, assessed, undefined, now);
  if (!(await insertClaim(tx, claim))) return refuse("claim-exists");
  await takeStep(tx, claimChain, { ...aboutClaim(claim), round }, "draft", { actor, at: now, outcome: "made" });
  return { claim, events: [] as EventDraft[] };
}

/** What somebody wrote to a step, and what is kept of it beside who took it. */
export type Doing = { note?: string | undefined; outcome?: string; detail?: Record<string, unknown> };

/** Takes a step: where it stands, who takes it, the claim kept and told. */
export async function doStep<Db>(
  tx: Tx<Db>,
  kind: ClaimKind<Db>,
  claim: Claim,
  taken: ClaimStep,
  given: Acting,
  doing: Doing = {},
): Promise<{ claim: Claim; events: EventDraft[] } | Refusal<"claim-state" | "same-person-twice">> {
  const standing = takeClaimStep(claim.standing, taken);
  if (standing instanceof Refusal) return standing;
  const refused = await recordStep(tx, claim, taken.step, given, doing);
  if (refused) return refused;
  return await settleAs(tx, kind, claim, { ...claim, standing }, given.now);
}

/** Records who took a step, with what they wrote to it; refused where the same person would decide twice. */
export async function recordStep(
  tx: Executor,
  claim: Claim,
  step: StepName | "objection-answered",
  { actor, now, keys }: Acting,
  { note, outcome = "done", detail }: Doing,
): Promise<Refusal<"same-person-twice"> | undefined> {
  const about = { ...aboutClaim(claim), round };
  const refused = await takeStep(tx, claimChain, about, step, { actor, at: now, outcome, ...(detail ? { detail } : {}) });
  // Every route is closed to offices its step is not for, so of the two refusals only this one is left.
  if (refused) return refuse("same-person-twice");
  if (note !== undefined) await writeNote(tx, keys, claim, { step, text: note, by: actorOf(actor), at: now });
  return undefined;
}

/** What a kind of claim does when funds has spoken of its payment. */
export const settlerOf = <Db>(kind: ClaimKind<Db>): Settler<Db> => ({
  claim: kind.kind,
  settle: async (tx, { claimId, paymentId, outcome, now }) => {
    const claim = await lockClaim(tx, kind.kind, claimId);
    if (!claim || approvalOf(claim.standing)?.paymentId !== paymentId) return [];
    const standing = settleClaim(claim.standing, outcome);
    if (standing === claim.standing) return [];
    return (await settleAs(tx, kind, claim, { ...claim, standing }, now)).events;
  },
});
