import { type Reason, type ReferralState, type ReferralStatus, type Refusal, refuse } from "@shouwang/contract";
import { addDays, type BusinessDate, businessDate } from "@shouwang/service-kit/calendar";
import type { Department, Need } from "./code-lists.ts";

type Outcome = NonNullable<ReferralState["outcome"]>;
export type Referral = {
  id: string;
  householdId: string;
  region: string;
  personId: string | null;
  leadId: string | null;
  caseId: string | null;
  planItemId: string | null;
  department: Department;
  office: string;
  need: Need;
  status: ReferralStatus;
  sentBy: string;
  sentAt: Date;
  dueOn: BusinessDate;
  receivedAt: Date | null;
  answeredAt: Date | null;
  outcome: Outcome | null;
  deliverBy: string | null;
  document: string | null;
  documentDate: string | null;
  deliveredAt: Date | null;
  measureId: string | null;
  closedAt: Date | null;
  closedBecause: NonNullable<ReferralState["closedBecause"]> | null;
  version: number;
};

/**
 * M-03: the last day for a department's reply: the days in force from the day it was sent, which does not count. A lead that is owed a first measure allows no
 * more than its own limit, so that the reply does not come after the help was due; a limit that has passed leaves today.
 */
export function replyDue(given: { today: BusinessDate; days: number; document: string; emergencyDueAt: Date | null }): {
  dueOn: BusinessDate;
  reason: Reason;
} {
  const { today, days, document, emergencyDueAt } = given;
  const byDays = addDays(today, days);
  const emergency = emergencyDueAt ? businessDate(emergencyDueAt) : undefined;
  const facts = [
    { name: { zh: "转介日期", en: "Sent on" }, value: today },
    { name: { zh: "回复天数", en: "Days to reply" }, value: days },
  ];
  const because = { clause: "M-03", document };
  if (emergency === undefined || emergency >= byDays)
    return {
      dueOn: byDays,
      reason: {
        ...because,
        parameter: "referral.replyDays",
        code: "reply-due",
        zh: `自${today}起${days}个自然日内(至${byDays})回复`,
        en: `A reply is due within ${days} calendar days of ${today}, by ${byDays}`,
        facts,
      },
    };
  const isPast = emergency < today;
  const dueOn = isPast ? today : emergency;
  return {
    dueOn,
    reason: {
      ...because,
      parameter: "emergency.days",
      code: "reply-due-by-emergency",
      zh: `该户线索的应急期限为${emergency},须于${dueOn}前回复`,
      en: `The household's lead must be helped by ${emergency}: a reply is due by ${dueOn}`,
      facts: [...facts, { name: { zh: "应急期限", en: "First measure due" }, value: emergency }],
    },
  };
}

type StateRefusal = Refusal<"referral-state">;
const refuseState = ({ status }: Pick<Referral, "status">): StateRefusal =>
  refuse("referral-state", { detail: { zh: `转介当前状态:${status}`, en: `The referral is ${status}` } });

const withDepartment: readonly ReferralStatus[] = ["sent", "received"];

/** The department takes the referral in: somebody there has read it. */
export function receive(referral: Referral, now: Date): Referral | StateRefusal {
  if (referral.status !== "sent") return refuseState(referral);
  return { ...referral, status: "received", receivedAt: now, version: referral.version + 1 };
}

/** Not this department's business, or something is missing: it goes back to whoever sent it. */
export function giveBack(referral: Referral, now: Date): Referral | StateRefusal {
  if (!withDepartment.includes(referral.status)) return refuseState(referral);
  return { ...referral, status: "returned", receivedAt: referral.receivedAt ?? now, version: referral.version + 1 };
}

export type Paper = { document: string; documentDate: string };

/** The department's reply: it takes the need on, to be met by a day, or says why not, by a document of its own. */
export function answer(
  referral: Referral,
  reply: { accepted: true; deliverBy: BusinessDate } | ({ accepted: false; outcome: Exclude<Outcome, "helped"> } & Paper),
  now: Date,
): Referral | StateRefusal {
  if (!withDepartment.includes(referral.status)) return refuseState(referral);
  const answered = { ...referral, receivedAt: referral.receivedAt ?? now, answeredAt: now, version: referral.version + 1 };
  if (reply.accepted) return { ...answered, status: "accepted", deliverBy: reply.deliverBy };
  const { outcome, document, documentDate } = reply;
  return { ...answered, status: "declined", outcome, document, documentDate };
}

/** Help that can be delivered: the department has said that it takes the need on. */
export const mayDeliver = (referral: Referral): StateRefusal | undefined =>
  referral.status === "accepted" ? undefined : refuseState(referral);

/** The help has reached the household, by the department's document, and stands as a measure (M-03: delivered, not promised). */
export function deliver(referral: Referral, given: Paper & { deliveredAt: Date; measureId: string }): Referral | StateRefusal {
  if (referral.status !== "accepted") return refuseState(referral);
  return { ...referral, ...given, status: "delivered", outcome: "helped", version: referral.version + 1 };
}

/** Sent once more, to the same department or to the one whose business it is, with a new day for the reply. */
export function sendAgain(
  referral: Referral,
  given: { department: Department; office: string; need: Need; dueOn: BusinessDate; by: string; now: Date },
): Referral | StateRefusal {
  if (referral.status !== "returned") return refuseState(referral);
  const { department, office, need, dueOn, by, now } = given;
  return {
    ...{ ...referral, department, office, need, dueOn },
    status: "sent",
    sentBy: by,
    sentAt: now,
    receivedAt: null,
    version: referral.version + 1,
  };
}

/** The sender's last word: the help has arrived, the refusal is taken note of, or the need is no longer there. Delivered help is never withdrawn. */
export function close(referral: Referral, because: NonNullable<Referral["closedBecause"]>, now: Date): Referral | StateRefusal {
  const fits = {
    arrived: referral.status === "delivered",
    declined: referral.status === "declined",
    withdrawn: ["sent", "received", "returned", "accepted"].includes(referral.status),
    "household-closed": referral.status !== "closed",
    "household-merged": referral.status !== "closed",
  }[because];
  if (!fits) return refuseState(referral);
  return { ...referral, status: "closed", closedAt: now, closedBecause: because, version: referral.version + 1 };
}

const howFar: Record<ReferralStatus, number> = {
  closed: 0,
  returned: 1,
  sent: 2,
  received: 3,
  declined: 4,
  accepted: 5,
  delivered: 6,
};

/** Of two for one need that a merge brings together, the one that goes on: the one that is further; the remaining household's where they are equal. */
export const furtherOf = <R extends Pick<Referral, "status">>(remaining: R, coming: R): R =>
  howFar[coming.status] > howFar[remaining.status] ? coming : remaining;

/** Whether the reply is late: none by the end of the day it was due, or one that came after. */
export const isOverdue = (referral: Pick<Referral, "status" | "dueOn">, today: BusinessDate): boolean =>
  withDepartment.includes(referral.status) && referral.dueOn < today;
