import {
  CaseId,
  HouseholdId,
  HouseholdPlanItemId,
  PersonId,
  Reason,
  ReferralId,
  ReferralNeed,
  ReferralSent,
  Refusal,
  RiskLeadId,
  refuse,
} from "@shouwang/contract";
import { toRegionCode } from "@shouwang/regions";
import { actorOf, type BusinessDate, brokenConstraint, parameterFor, type Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import { findPerson } from "../household/roster-store.ts";
import { lockHousehold } from "../household/store.ts";
import { command } from "../kit.ts";
import { findCase } from "../monitored-case/store.ts";
import { findLead } from "../risk-lead/store.ts";
import { turnClock } from "./clocks.ts";
import { needs } from "./code-lists.ts";
import { findContact } from "./contact-store.ts";
import { type Referral, replyDue, sendAgain } from "./decide.ts";
import { insertStep } from "./step-store.ts";
import { findItem, insertReferral, lockReferral, saveReason, saveReferral, stateOfReferral } from "./store.ts";
import { ReferralView, referralView } from "./views.ts";

/** Offices that send referrals and follow them. */
export const senders = ["county-officer", "township-officer", "village-officer", "first-secretary"] as const;
export const ReferralPath = z.object({ referralId: ReferralId });
const Why = z.string().trim().min(4).max(500).describe("Sealed: may name people; shown by a reveal");
const Sent = ReferralView.extend({ due: Reason.describe("Why the reply is due on that day") });

const taken = (error: unknown): Refusal<"referral-open-already"> => {
  if (brokenConstraint(error) === "referral_one_open") return refuse("referral-open-already");
  throw error;
};

const itemOfAnotherKind = (item: string, need: string) => ({
  pointer: "/planItemId",
  rule: "category-of-the-item",
  zh: `户策该项措施类型为${item},与所转介需求(${need})不一致`,
  en: `The plan's item is of the kind ${item}, the need of ${need}`,
  clause: "M-04b",
});

/** Where a need of a village's household goes, and until when its department is to answer. */
async function routeOf(
  tx: Tx<DB>,
  about: { region: string; need: Referral["need"]; leadId: string | null },
  today: BusinessDate,
) {
  const { department } = needs[about.need];
  const contact = await findContact(tx, toRegionCode(about.region.slice(0, 6)), department);
  if (!contact) return refuse("referral-contact-missing");
  const days = await parameterFor(tx, "referral.replyDays", about.region, today);
  const lead = about.leadId === null ? undefined : await findLead(tx, about.leadId);
  const emergencyDueAt = lead?.emergency === "required" ? lead.emergencyDueAt : null;
  const due = replyDue({ today, days: days.value, document: days.document, emergencyDueAt });
  return { department, office: contact.office, ...due };
}

export const sendReferral = command(
  {
    method: "post",
    operation: "send-referral",
    path: "/households/{householdId}/referrals",
    summary: {
      zh: "转介需求到未设本平台服务的部门",
      en: "Refer a need of a household to the department whose business it is",
    },
    clauses: ["M-03", "M-04b"],
    allow: senders,
    params: z.object({ householdId: HouseholdId }),
    body: z.object({
      need: ReferralNeed.describe("Its department follows from it"),
      reason: Why,
      personId: PersonId.optional().describe("Member whose need it is, where it is not the household's"),
      leadId: RiskLeadId.optional().describe("Lead the help is to answer; its emergency limit is the reply's too"),
      caseId: CaseId.optional(),
      planItemId: HouseholdPlanItemId.optional().describe("Item of the household plan that the help delivers"),
    }),
    reply: Sent,
    status: 201,
    problems: [
      "household-not-found",
      "household-not-active",
      "referral-contact-missing",
      "referral-open-already",
      "lead-not-found",
      "case-not-found",
      "plan-not-found",
      "person-not-member",
      "invalid-input",
    ],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const household = await lockHousehold(tx, params.householdId);
    if (!household) return refuse("household-not-found");
    if (household.status !== "active") return refuse("household-not-active");
    const { need, reason, personId = null, leadId = null, caseId = null, planItemId = null } = body;
    if (leadId !== null && (await findLead(tx, leadId))?.householdId !== household.id) return refuse("lead-not-found");
    const item = planItemId === null ? undefined : await findItem(tx, planItemId);
    const ofCase = caseId ?? item?.caseId ?? null;
    if (planItemId !== null && (!item?.waits || item.caseId !== ofCase)) return refuse("plan-not-found");
    if (item && item.category !== needs[need].category)
      return refuse("invalid-input", { errors: [itemOfAnotherKind(item.category, needs[need].category)] });
    if (ofCase !== null && (await findCase(tx, ofCase))?.householdId !== household.id) return refuse("case-not-found");
    if (personId !== null && (await findPerson(tx, personId))?.householdId !== household.id) return refuse("person-not-member");
    const route = await routeOf(tx, { region: household.region, need, leadId }, today);
    if (route instanceof Refusal) return route;
    const { department, office, dueOn } = route;
    const referral: Referral = {
      ...{ id: uuidv7(), householdId: household.id, region: household.region },
      ...{ personId, leadId, caseId: ofCase, planItemId, department, office, need },
      status: "sent",
      sentBy: actorOf(actor),
      sentAt: now,
      dueOn,
      ...{ receivedAt: null, answeredAt: null, outcome: null, deliverBy: null, document: null, documentDate: null },
      ...{ deliveredAt: null, measureId: null, closedAt: null, closedBecause: null },
      version: 1,
    };
    try {
      await insertReferral(tx, keys, referral, reason);
    } catch (error) {
      return taken(error);
    }
    await insertStep(tx, referral, { step: "sent", actor: actorOf(actor), at: now });
    await turnClock(tx, referral, now);
    return {
      reply: { ...referralView(referral, today), due: route.reason },
      events: [ReferralSent.of(referral.id, 1, referral.region, stateOfReferral(referral))],
    };
  },
);

export const resendReferral = command(
  {
    method: "post",
    operation: "resend-referral",
    path: "/referrals/{referralId}/sending",
    summary: { zh: "补充后重新转介", en: "Send a referral once more that came back, to the same department or another" },
    clauses: ["M-03"],
    allow: senders,
    params: ReferralPath,
    body: z.object({ need: ReferralNeed.optional().describe("Where it was the wrong department's"), reason: Why.optional() }),
    reply: Sent,
    problems: ["referral-not-found", "referral-state", "referral-contact-missing", "referral-open-already"],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const referral = await lockReferral(tx, params.referralId);
    if (!referral) return refuse("referral-not-found");
    const need = body.need ?? referral.need;
    const route = await routeOf(tx, { ...referral, need }, today);
    if (route instanceof Refusal) return route;
    const { department, office, dueOn, reason: due } = route;
    const sent = sendAgain(referral, { department, office, need, dueOn, by: actorOf(actor), now });
    if (sent instanceof Refusal) return sent;
    try {
      await saveReferral(tx, sent);
    } catch (error) {
      return taken(error);
    }
    if (body.reason !== undefined) await saveReason(tx, keys, sent.id, body.reason);
    await insertStep(tx, sent, { step: "sent", actor: actorOf(actor), at: now });
    await turnClock(tx, sent, now);
    return {
      reply: { ...referralView(sent, today), due },
      events: [ReferralSent.of(sent.id, sent.version, sent.region, stateOfReferral(sent))],
    };
  },
);
