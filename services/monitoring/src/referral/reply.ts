import {
  DateText,
  type FieldError,
  ReferralAnswered,
  ReferralReceived,
  ReferralReturned,
  Refusal,
  refuse,
} from "@shouwang/contract";
import {
  actorOf,
  addDays,
  type BusinessDate,
  type Principal,
  parameterFor,
  parseBusinessDate,
  type Tx,
} from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { command } from "../kit.ts";
import { turnClock } from "./clocks.ts";
import { answer, giveBack, type Referral, receive } from "./decide.ts";
import { ReferralPath } from "./send.ts";
import { insertStep } from "./step-store.ts";
import { lockReferral, saveReferral, stateOfReferral } from "./store.ts";
import { ReferralView, referralView } from "./views.ts";

/** The department's own officers, or the county for one that answers on paper. */
export const repliers = ["department-officer", "county-officer"] as const;
export const Note = z.string().trim().min(2).max(500).optional().describe("Sealed: may name people");
export const Paper = {
  document: z.string().trim().min(2).max(120).describe("Number of the department's document"),
  documentDate: DateText,
};

/**
 * The referral, locked, where the caller may reply for its department. Another department's officers do not see it at all; whoever sent it does not answer it.
 */
export async function lockForReply(
  tx: Tx<DB>,
  id: string,
  actor: Principal,
): Promise<Referral | Refusal<"referral-not-found" | "same-person-twice">> {
  const referral = await lockReferral(tx, id);
  if (!referral) return refuse("referral-not-found");
  if (referral.sentBy === actorOf(actor)) return refuse("same-person-twice");
  return referral;
}

export const wrongField = (pointer: string, rule: string, zh: string, en: string): FieldError => ({
  ...{ pointer, rule, zh, en },
  clause: "M-03",
});
export const notInFuture = (day: string, today: BusinessDate, pointer: string): FieldError[] =>
  day > today ? [wrongField(pointer, "not-in-future", "日期不能晚于今天", "In the future")] : [];

export const receiveReferral = command(
  {
    method: "post",
    operation: "receive-referral",
    path: "/referrals/{referralId}/receipt",
    summary: { zh: "部门接收转介", en: "The department takes a referral in" },
    clauses: ["M-03"],
    allow: repliers,
    params: ReferralPath,
    reply: ReferralView,
    problems: ["referral-not-found", "referral-state", "same-person-twice"],
  },
  async ({ tx, params, actor, now, today }) => {
    const referral = await lockForReply(tx, params.referralId, actor);
    if (referral instanceof Refusal) return referral;
    const received = receive(referral, now);
    if (received instanceof Refusal) return received;
    await saveReferral(tx, received);
    await insertStep(tx, received, { step: "received", actor: actorOf(actor), at: now });
    return {
      reply: referralView(received, today),
      events: [ReferralReceived.of(received.id, received.version, received.region, stateOfReferral(received))],
    };
  },
);

export const returnReferral = command(
  {
    method: "post",
    operation: "return-referral",
    path: "/referrals/{referralId}/return",
    summary: { zh: "部门退回转介", en: "The department gives a referral back: not its business, or something is missing" },
    clauses: ["M-03"],
    allow: repliers,
    params: ReferralPath,
    body: z.object({ because: z.enum(["other-department", "papers-missing", "unclear"]), note: Note }),
    reply: ReferralView,
    problems: ["referral-not-found", "referral-state", "same-person-twice"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const referral = await lockForReply(tx, params.referralId, actor);
    if (referral instanceof Refusal) return referral;
    const returned = giveBack(referral, now);
    if (returned instanceof Refusal) return returned;
    await saveReferral(tx, returned);
    const { because, note } = body;
    await insertStep(tx, returned, { step: "returned", because, actor: actorOf(actor), at: now }, { keys, note });
    await turnClock(tx, returned, now);
    return {
      reply: referralView(returned, today),
      events: [ReferralReturned.of(returned.id, returned.version, returned.region, stateOfReferral(returned))],
    };
  },
);

const answered = (referral: Referral) => [
  ReferralAnswered.of(referral.id, referral.version, referral.region, stateOfReferral(referral)),
];

export const acceptReferral = command(
  {
    method: "post",
    operation: "accept-referral",
    path: "/referrals/{referralId}/acceptance",
    summary: { zh: "部门受理转介并承诺落实日期", en: "The department takes the need on and says by when" },
    clauses: ["M-03"],
    allow: repliers,
    params: ReferralPath,
    body: z.object({
      deliverBy: DateText.optional().describe("Within `referral.deliverDays`, which is the day where none is named"),
      note: Note,
    }),
    reply: ReferralView,
    problems: ["referral-not-found", "referral-state", "same-person-twice", "invalid-input"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const referral = await lockForReply(tx, params.referralId, actor);
    if (referral instanceof Refusal) return referral;
    const { value } = await parameterFor(tx, "referral.deliverDays", referral.region, today);
    const last = addDays(today, value ?? 20);
    const deliverBy = body.deliverBy === undefined ? last : parseBusinessDate(body.deliverBy);
    if (deliverBy < today || deliverBy > last)
      return refuse("invalid-input", {
        errors: [wrongField("/deliverBy", "within-days", `落实日期应在${today}至${last}之间`, `Between ${today} and ${last}`)],
      });
    const accepted = answer(referral, { accepted: true, deliverBy }, now);
    if (accepted instanceof Refusal) return accepted;
    await saveReferral(tx, accepted);
    await insertStep(tx, accepted, { step: "accepted", actor: actorOf(actor), at: now }, { keys, note: body.note });
    await turnClock(tx, accepted, now);
    return { reply: referralView(accepted, today), events: answered(accepted) };
  },
);

export const declineReferral = command(
  {
    method: "post",
    operation: "decline-referral",
    path: "/referrals/{referralId}/refusal",
    summary: { zh: "部门书面答复不予受理", en: "The department says by document why it does not take the need on" },
    clauses: ["M-03"],
    allow: repliers,
    params: ReferralPath,
    body: z.object({ ...Paper, outcome: z.enum(["not-entitled", "already-helped", "not-possible"]), note: Note }),
    reply: ReferralView,
    problems: ["referral-not-found", "referral-state", "same-person-twice", "invalid-input"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const referral = await lockForReply(tx, params.referralId, actor);
    if (referral instanceof Refusal) return referral;
    const errors = notInFuture(body.documentDate, today, "/documentDate");
    if (errors.length > 0) return refuse("invalid-input", { errors });
    const { note, ...reply } = body;
    const declined = answer(referral, { accepted: false, ...reply }, now);
    if (declined instanceof Refusal) return declined;
    await saveReferral(tx, declined);
    const { outcome: because, document, documentDate } = body;
    const step = { step: "declined", because, document, documentDate, actor: actorOf(actor), at: now };
    await insertStep(tx, declined, step, { keys, note });
    await turnClock(tx, declined, now);
    return { reply: referralView(declined, today), events: answered(declined) };
  },
);
