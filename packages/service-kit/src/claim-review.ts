import { FundSource, Refusal, refuse } from "@shouwang/contract";
import { pathOf } from "@shouwang/regions";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { addDays, endOfDay } from "./calendar.ts";
import { claimOffices } from "./claim-chain.ts";
import { takeClaimStep } from "./claim-decide.ts";
import { type ClaimOffice, claimCommand, postingEvent } from "./claim-office.ts";
import { checkGrant, checkSources, refuseIneligible } from "./claim-rule-decide.ts";
import { doStep, recordStep, takeKeys } from "./claim-step.ts";
import { type Claim, saveClaim } from "./claim-store.ts";
import { endDeadline, openDeadline } from "./deadline.ts";
import { parameterFor } from "./parameter.ts";
import { sealRecord } from "./personal-data.ts";
import { addObjection, answerObjections, closePosting, hasRun, lockPosting, openPosting } from "./posting.ts";
import { actorOf } from "./principal.ts";

const { village, township, county } = claimOffices;
const Text = z.string().trim().min(2).max(1_000).describe("Sealed: people write names into it");

/** Why a claim that waits can go no further yet: nobody can know earlier than its posting has run without an open objection. */
const notRun = (lastDay: string, openObjections: number) =>
  openObjections > 0
    ? refuse("claim-objection-open")
    : refuse("claim-posting-running", {
        detail: { zh: `公示至${lastDay}当日结束`, en: `The posting runs to the end of ${lastDay}` },
      });

/** The routes of the village's and the township's checks and of the posting between them. */
export function checkRoutes<Db>(office: ClaimOffice<Db>) {
  const { kind } = office;
  const body = z.object({ note: Text.optional() });
  const checkInVillage = claimCommand(
    office,
    {
      operation: `check-${kind.kind}-in-village`,
      path: "village-check",
      summary: { zh: `村级核实:${kind.title.zh}`, en: `The village checks it: ${kind.title.en}` },
      allow: village,
      body,
      problems: ["claim-state", "claim-not-eligible", "role-not-allowed"],
    },
    async (before, { tx, body: { note }, ...given }) => {
      const { claim } = await kind.assess(tx, before, given.today);
      const done = await doStep(tx, kind, claim, { step: "village-check" }, given, { note, outcome: "passed" });
      return done instanceof Refusal ? onlyState(done) : (refuseIneligible(claim.assessment) ?? done);
    },
  );
  const checkInTownship = claimCommand(
    office,
    {
      operation: `check-${kind.kind}-in-township`,
      path: "township-check",
      summary: { zh: `乡镇审核:${kind.title.zh}`, en: `The township checks it: ${kind.title.en}` },
      allow: township,
      body,
      problems: ["claim-state", "same-person-twice", "claim-not-eligible", "role-not-allowed"],
    },
    async (before, { tx, body: { note }, ...given }) => {
      const { claim } = await kind.assess(tx, before, given.today);
      const done = await doStep(tx, kind, claim, { step: "township-check" }, given, { note, outcome: "passed" });
      return done instanceof Refusal ? done : (refuseIneligible(claim.assessment) ?? done);
    },
  );
  const post = claimCommand(
    office,
    {
      operation: `post-${kind.kind}`,
      path: "posting",
      summary: { zh: `村内公示(自动脱敏):${kind.title.zh}`, en: `Put up in the village, masked: ${kind.title.en}` },
      allow: village,
      body: z.object({
        supervisionPhone: z
          .string()
          .regex(/^[\d-]{5,20}$/)
          .describe("Public number for objections"),
      }),
      problems: ["claim-state", "role-not-allowed"],
    },
    async (claim, { tx, body, ...given }) => {
      const { amountFen } = claim.assessment;
      const shown = {
        村: pathOf(claim.region).slice(-2).join(""),
        事项: kind.title.zh,
        期间: claim.periodKey,
        ...(amountFen === null ? {} : { 金额: `${(amountFen / 100).toFixed(2)}元` }),
        ...(await kind.posted(tx, given.keys, claim)),
        监督电话: body.supervisionPhone,
      };
      const days = await parameterFor(tx, "posting.subsidy.days", claim.region, given.today);
      const about = { entity: kind.kind, entityId: claim.id, region: claim.region, levels: ["village" as const] };
      const opened = await openPosting(tx, {
        ...{ ...about, kind: "subsidy", clause: kind.clause, body: shown, startsOn: given.today, days: days.value },
        ...(claim.householdId === null ? {} : { householdId: claim.householdId }),
      });
      const taken = { step: "posting", postingId: opened.id } as const;
      const done = await doStep(tx, kind, claim, taken, given, { outcome: "posted", detail: { lastDay: opened.lastDay } });
      if (done instanceof Refusal) return onlyState(done);
      const posting = { ...about, levels: about.levels, id: opened.id, startsOn: given.today, lastDay: opened.lastDay };
      return { ...done, events: [...done.events, postingEvent(office, posting, "open", 1)] };
    },
  );
  const clear = claimCommand(
    office,
    {
      operation: `clear-${kind.kind}`,
      path: "clearing",
      summary: { zh: `公示期满无异议:${kind.title.zh}`, en: `Its posting has run without an open objection: ${kind.title.en}` },
      allow: [...village, ...township],
      body: z.object({}),
      problems: ["claim-state", "claim-posting-running", "claim-objection-open", "role-not-allowed"],
    },
    async (claim, { tx, body: _, ...given }) => {
      const posting = await lockPosting(tx, kind.kind, claim.id);
      const done = await doStep(tx, kind, claim, { step: "clearing" }, given, { outcome: "cleared" });
      if (done instanceof Refusal) return onlyState(done);
      if (!posting) throw new Error("a posted claim has no posting");
      if (!hasRun(posting, given.today)) return notRun(posting.lastDay, posting.openObjections);
      await closePosting(tx, posting.id, "cleared", given.now);
      return { ...done, events: [...done.events, postingEvent(office, posting, "cleared", posting.version + 1)] };
    },
  );
  return { checkInVillage, post, clear, checkInTownship };
}

/** A step that is no judgement knows no same person twice. */
export const onlyState = (refusal: Refusal<"claim-state" | "same-person-twice">): Refusal<"claim-state"> =>
  refuse("claim-state", refusal.detail ? { detail: refusal.detail } : {});

/** Objections to what is posted: each is a case, and holds the claim up until the township has answered. */
export function objectionRoutes<Db>(office: ClaimOffice<Db>) {
  const { kind } = office;
  const touched = async (tx: Parameters<typeof saveClaim>[0], claim: Claim) => {
    const after = { ...claim, version: claim.version + 1 };
    await saveClaim(tx, after);
    return after;
  };
  const object = claimCommand(
    office,
    {
      operation: `object-to-${kind.kind}`,
      path: "objections",
      summary: { zh: `登记公示异议:${kind.title.zh}`, en: `Record an objection to what is posted: ${kind.title.en}` },
      allow: [...village, ...township, ...county],
      body: z.object({ content: Text }),
      problems: ["claim-state"],
    },
    async (claim, { tx, body, actor, now, today, keys }) => {
      const posting = await lockPosting(tx, kind.kind, claim.id);
      if (claim.standing.status !== "posted" || !posting) return refuse("claim-state");
      const id = uuidv7();
      const content = sealRecord(keys, { table: "kit.objection", id }, { content: body.content });
      await addObjection(tx, { id, postingId: posting.id, region: claim.region, content, raisedBy: actorOf(actor), at: now });
      const days = await parameterFor(tx, "claim.objectionDays", claim.region, today);
      await openDeadline(tx, {
        ...{ kind: "answer-claim-objection", clause: kind.clause, entity: kind.kind, entityId: claim.id, region: claim.region },
        ...(claim.householdId === null ? {} : { householdId: claim.householdId }),
        ...{ role: "township-officer", startedAt: now, dueAt: endOfDay(addDays(today, days.value)) },
      });
      return { claim: await touched(tx, claim), events: [] };
    },
  );
  const answer = claimCommand(
    office,
    {
      operation: `answer-objection-to-${kind.kind}`,
      path: "objections/answer",
      summary: {
        zh: `答复异议(成立则退回):${kind.title.zh}`,
        en: `Answer the open objections; upheld, the claim goes back to its beginning: ${kind.title.en}`,
      },
      allow: township,
      body: z.object({ upheld: z.boolean(), answer: Text }),
      problems: ["claim-state", "role-not-allowed"],
    },
    async (claim, { tx, body, ...given }) => {
      const posting = await lockPosting(tx, kind.kind, claim.id);
      if (claim.standing.status !== "posted" || !posting || posting.openObjections === 0) return refuse("claim-state");
      await answerObjections(tx, posting.id, body.upheld, given.now);
      await endDeadline(tx, "answer-claim-objection", kind.kind, claim.id, "met", given.now);
      const outcome = body.upheld ? "upheld" : "not-upheld";
      await recordStep(tx, claim, "objection-answered", given, { outcome, note: body.answer });
      if (!body.upheld) return { claim: await touched(tx, claim), events: [] };
      await closePosting(tx, posting.id, "withdrawn", given.now);
      const done = await doStep(tx, kind, claim, { step: "return", to: "draft" }, given, { outcome: "objection-upheld" });
      if (done instanceof Refusal) return onlyState(done);
      return { ...done, events: [...done.events, postingEvent(office, posting, "withdrawn", posting.version + 1)] };
    },
  );
  return { object, answer };
}

/** The county's approval: the rules run again, the keys are taken in the whole region, and the payment is asked for, all of it or nothing. */
export function approvalRoute<Db>(office: ClaimOffice<Db>) {
  const { kind, payments } = office;
  return claimCommand(
    office,
    {
      operation: `approve-${kind.kind}`,
      path: "approval",
      summary: { zh: `县级审定并申请支付:${kind.title.zh}`, en: `Approve, and ask for the payment: ${kind.title.en}` },
      allow: county,
      body: z.object({
        sourceKinds: z.array(FundSource).max(15).default([]).describe("Pools it may be paid from, in order of preference"),
        sourceDocument: z
          .string()
          .trim()
          .min(4)
          .max(80)
          .optional()
          .describe("Number of the document that allows a pool which the settings do not"),
        decision: Text.optional().describe("Where the rule leaves it to the county: why it is granted. Sealed"),
      }),
      problems: [
        ...(["claim-state", "same-person-twice", "role-not-allowed", "claim-not-eligible"] as const),
        ...(["claim-source-missing", "claim-source-not-allowed", "claim-paid-elsewhere"] as const),
        ...(kind.leavesToPeople ? (["claim-needs-decision"] as const) : []),
        ...(kind.capped ? (["claim-cap-reached"] as const) : []),
      ],
    },
    async (before, { tx, body, ...given }) => {
      const { claim, keys: further } = await kind.assess(tx, before, given.today);
      const { amountFen } = claim.assessment;
      const approver = actorOf(given.actor);
      const paymentId = uuidv7();
      const asked = { paymentId, approver, approvedOn: given.today, amountFen: amountFen ?? 0 };
      const taken = { step: "county-approval", approval: { ...asked, keys: [] } } as const;
      const wrong = takeClaimStep(claim.standing, taken);
      if (wrong instanceof Refusal) return wrong;
      const decided = checkGrant(claim.assessment, body.decision !== undefined);
      if (decided) return decided;
      const allowed = await kind.fundSources(tx, claim);
      const unsourced = checkSources(body.sourceKinds, allowed, body.sourceDocument, kind.clause);
      if (unsourced) return unsourced;
      const keys = await takeKeys(tx, kind, claim, further);
      if (keys instanceof Refusal) return keys;
      const approval = { ...asked, keys };
      const done = await doStep(tx, kind, claim, { step: "county-approval", approval }, given, {
        ...{ note: body.decision, outcome: "approved" },
        detail: { sourceKinds: body.sourceKinds, sourceDocument: body.sourceDocument ?? null },
      });
      if (done instanceof Refusal) return done;
      const events = await payments.request(
        tx,
        [
          {
            ...{ paymentId, claim: kind.kind, claimId: claim.id, purpose: kind.purpose, periodKey: claim.periodKey },
            ...{ personId: claim.personId, householdId: claim.householdId, region: claim.region, amountFen: approval.amountFen },
            ...{ sourceKinds: body.sourceKinds, submitter: claim.submitter, approver },
          },
        ],
        given.now,
      );
      return { ...done, events: [...done.events, ...events] };
    },
  );
}
