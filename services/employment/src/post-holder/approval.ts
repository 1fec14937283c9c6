import { DateText, type EventDraft, refuse } from "@shouwang/contract";
import {
  actorOf,
  addDays,
  addObjection,
  answerObjections,
  closePosting,
  endDeadline,
  endOfDay,
  hasRun,
  lockPosting,
  openDeadline,
  parameterFor,
  parseBusinessDate,
  sealRecord,
  startOfDay,
  type Tx,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import { command } from "../kit.ts";
import { raiseOverlaps } from "../post-overlap/store.ts";
import { lockPost } from "../public-welfare-post/store.ts";
import { HolderPath } from "./apply.ts";
import { aboutHolder, postingEvent, takeHolderStep } from "./chain.ts";
import { type Holder, insurances, mayTake, needsPriorityReason, priorityReasons } from "./decide.ts";
import { lockHolder, nextState, placesOf, saveHolder } from "./store.ts";
import { HolderView, holderView } from "./views.ts";

const view = (holder: Holder) => holderView({ ...holder, nameMask: null });

export const objectToApplicant = command(
  {
    method: "post",
    operation: "object-to-applicant",
    path: "/post-holders/{postHolderId}/objections",
    summary: { zh: "登记公示异议", en: "Record an objection to the posting" },
    clauses: ["E-05"],
    allow: ["village-officer", "township-officer", "county-officer"],
    params: HolderPath,
    body: z.object({ content: z.string().trim().min(4).max(1000).describe("Sealed: may name people") }),
    reply: HolderView,
    status: 201,
    problems: ["post-holder-not-found", "post-holder-state"],
  },
  async ({ tx, params, body, actor, keys, now }) => {
    const before = await lockHolder(tx, params.postHolderId);
    const posting = before && (await lockPosting(tx, "post-holder", before.id));
    if (!before) return refuse("post-holder-not-found");
    const no = mayTake(before, "objection");
    if (no || !posting) return no ?? refuse("post-holder-state");
    const id = uuidv7();
    const content = sealRecord(keys, { table: "kit.objection", id }, { content: body.content });
    await addObjection(tx, { id, postingId: posting.id, region: posting.region, content, raisedBy: actorOf(actor), at: now });
    const { holder } = nextState(before, { status: "objected" });
    await saveHolder(tx, holder);
    return { reply: view(holder) };
  },
);

export const answerApplicantObjections = command(
  {
    method: "post",
    operation: "answer-applicant-objections",
    path: "/post-holders/{postHolderId}/objections/answer",
    summary: { zh: "答复异议", en: "Answer the open objections: upheld or not" },
    clauses: ["E-05"],
    allow: ["township-officer"],
    params: HolderPath,
    body: z.object({ upheld: z.boolean() }),
    reply: HolderView,
    problems: ["post-holder-not-found", "post-holder-state", "role-not-allowed"],
  },
  async ({ tx, params, body: { upheld }, actor, now }) => {
    const before = await lockHolder(tx, params.postHolderId);
    const posting = before && (await lockPosting(tx, "post-holder", before.id));
    if (!before) return refuse("post-holder-not-found");
    const no = mayTake(before, "objection-answered");
    if (no || !posting) return no ?? refuse("post-holder-state");
    const outcome = upheld ? "upheld" : "not-upheld";
    const refused = await takeHolderStep(tx, before, "objection-answered", { actor, at: now, outcome });
    if (refused) return refused;
    await answerObjections(tx, posting.id, upheld, now);
    if (upheld) await closePosting(tx, posting.id, "withdrawn", now);
    const { holder } = nextState(before, { status: upheld ? "refused" : "posted" });
    await saveHolder(tx, holder);
    const withdrawn = () => postingEvent({ ...posting, openObjections: 0 }, "withdrawn", posting.version + 1);
    return { reply: view(holder), events: upheld ? [withdrawn()] : [] };
  },
);

export const approveHolder = command(
  {
    method: "post",
    operation: "approve-post-holder",
    path: "/post-holders/{postHolderId}/township-approval",
    summary: { zh: "乡镇审定岗位人选", en: "Township approval, after the posting has run without open objection" },
    clauses: ["E-05"],
    allow: ["township-officer"],
    params: HolderPath,
    body: z.object({
      approved: z.boolean(),
      priorityReason: z.enum(priorityReasons).optional().describe("Why somebody who comes first has to wait"),
    }),
    reply: HolderView,
    problems: [
      ...(["post-holder-not-found", "post-holder-state", "posting-still-running", "post-full"] as const),
      ...(["priority-reason-needed", "role-not-allowed", "same-person-twice"] as const),
    ],
  },
  async ({ tx, params, body: { approved, priorityReason }, actor, now, today }) => {
    const found = await lockHolder(tx, params.postHolderId);
    if (!found) return refuse("post-holder-not-found");
    // Locked too: its places are what the rule is about.
    const post = await lockPost(tx, found.postId);
    const posting = await lockPosting(tx, "post-holder", found.id);
    const no = mayTake(found, "township-approval");
    if (no || !posting || !post) return no ?? refuse("post-holder-state");
    if (!hasRun(posting, today))
      return refuse("posting-still-running", {
        detail: { zh: `公示至${posting.lastDay}当日结束`, en: `The posting runs to the end of ${posting.lastDay}` },
      });
    if (approved) {
      const { taken, waitingFirst } = await placesOf(tx, post.id, found.priority);
      if (post.status !== "open" || taken >= post.headcount) return refuse("post-full");
      if (needsPriorityReason(post.headcount - taken, waitingFirst) && !priorityReason) return refuse("priority-reason-needed");
    }
    const outcome = approved ? "approved" : "refused";
    const detail = priorityReason ? { priorityReason } : {};
    const refused = await takeHolderStep(tx, found, "township-approval", { actor, at: now, outcome, detail });
    if (refused) return refused;
    await closePosting(tx, posting.id, "cleared", now);
    const { holder } = nextState(found, { status: outcome });
    await saveHolder(tx, holder);
    return { reply: view(holder), events: [postingEvent(posting, "cleared", posting.version + 1)] };
  },
);

const Agreement = z.object({
  agreementNo: z.string().trim().min(2).max(60),
  until: DateText.describe("Last day of the agreement"),
  insurance: z.enum(insurances),
});
const agreementAudit = (action: string, holder: Holder) => [
  {
    ...{ action, entity: "post-holder", entityId: holder.id, region: holder.region, clause: "E-05" },
    changed: { agreementNo: holder.agreementNo, from: holder.from, until: holder.agreementUntil, insurance: holder.insurance },
  },
];

/** The clock of an agreement: its end, shown as pressing some days before. */
async function watchAgreement(tx: Tx<DB>, holder: Holder, until: string, now: Date): Promise<void> {
  const days = (await parameterFor(tx, "post.agreementRemindDays", holder.region, until)).value;
  const remindAt = startOfDay(addDays(parseBusinessDate(until), -days));
  await openDeadline(tx, {
    ...{ ...aboutHolder(holder), kind: "renew-post-agreement", clause: "E-05", role: "township-officer", startedAt: now },
    ...{ dueAt: endOfDay(parseBusinessDate(until)), remindAt: remindAt > now ? remindAt : now },
  });
}

const wrongUntil = () =>
  refuse("invalid-input", {
    errors: [
      {
        ...{ pointer: "/until", rule: "date-order", clause: "E-05" },
        ...{ zh: "协议须晚于开始日期和今天到期", en: "An agreement ends after its first day, and not before today" },
      },
    ],
  });

export const signAgreement = command(
  {
    method: "post",
    operation: "sign-post-agreement",
    path: "/post-holders/{postHolderId}/agreement",
    summary: { zh: "签订岗位协议(自开始日期起上岗)", en: "Sign the agreement; from its first day on the person is at the post" },
    clauses: ["E-05"],
    allow: ["township-officer"],
    params: HolderPath,
    body: Agreement.extend({ from: DateText.describe("First day at the post") }),
    reply: HolderView,
    problems: ["post-holder-not-found", "post-holder-state", "invalid-input", "role-not-allowed"],
  },
  async ({ tx, params, body: { agreementNo, from, until, insurance }, actor, now, today }) => {
    const before = await lockHolder(tx, params.postHolderId);
    if (!before) return refuse("post-holder-not-found");
    const post = await lockPost(tx, before.postId);
    const no = mayTake(before, "agreement");
    if (no || !post) return no ?? refuse("post-holder-state");
    if (until <= from || until < today) return wrongUntil();
    if (from < post.from)
      return refuse("invalid-input", {
        errors: [
          {
            ...{ pointer: "/from", rule: "post-in-force", clause: "E-05" },
            ...{ zh: `岗位自${post.from}起有效`, en: `The post is in force from ${post.from}` },
          },
        ],
      });
    const refused = await takeHolderStep(tx, before, "agreement", { actor, at: now, outcome: "signed" });
    if (refused) return refused;
    const signed = { agreementNo, insurance, from, agreementUntil: until };
    const { holder, events } = nextState(before, { ...signed, status: from <= today ? "active" : "signed" });
    await saveHolder(tx, holder);
    await watchAgreement(tx, holder, until, now);
    const doubts: EventDraft[] = holder.status === "active" ? await raiseOverlaps(tx, { personIds: [holder.personId], now }) : [];
    return { reply: view(holder), events: [...events, ...doubts], audit: agreementAudit("sign-post-agreement", holder) };
  },
);

export const renewAgreement = command(
  {
    method: "post",
    operation: "renew-post-agreement",
    path: "/post-holders/{postHolderId}/renewal",
    summary: { zh: "续签岗位协议", en: "Renew the agreement" },
    clauses: ["E-05"],
    allow: ["township-officer"],
    params: HolderPath,
    body: Agreement,
    reply: HolderView,
    problems: ["post-holder-not-found", "post-holder-state", "invalid-input"],
  },
  async ({ tx, params, body: { agreementNo, until, insurance }, now, today }) => {
    const before = await lockHolder(tx, params.postHolderId);
    if (!before) return refuse("post-holder-not-found");
    const no = mayTake(before, "renewal");
    if (no) return no;
    if (until < today || until <= (before.agreementUntil ?? "")) return wrongUntil();
    const { holder } = nextState(before, { agreementNo, insurance, agreementUntil: until });
    await saveHolder(tx, holder);
    await endDeadline(tx, "renew-post-agreement", "post-holder", holder.id, "met", now);
    await watchAgreement(tx, holder, until, now);
    return { reply: view(holder), audit: agreementAudit("renew-post-agreement", holder) };
  },
);
