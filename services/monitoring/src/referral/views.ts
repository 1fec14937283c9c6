import { Bilingual, ReferralNeed, ReferralState, ReferralStatus, ReferredDepartment } from "@shouwang/contract";
import type { BusinessDate } from "@shouwang/service-kit";
import { z } from "zod";
import { departments, needs } from "./code-lists.ts";
import { isOverdue, type Referral } from "./decide.ts";

const moment = z.string().nullable();

export const ReferralView = z.object({
  referralId: z.string(),
  householdId: z.string(),
  region: z.string(),
  personId: z.string().nullable().describe("Of whom the need is, or null where it is the household's"),
  leadId: z.string().nullable(),
  caseId: z.string().nullable(),
  planItemId: z.string().nullable(),
  department: ReferredDepartment,
  departmentTitle: Bilingual,
  office: z.string().describe("Office of the county's department that takes it"),
  need: ReferralNeed,
  needTitle: Bilingual,
  status: ReferralStatus,
  sentAt: z.string(),
  dueOn: z.string().describe("Last day for the reply"),
  overdue: z.boolean().describe("No reply, and its day has passed"),
  receivedAt: moment,
  answeredAt: moment,
  outcome: ReferralState.shape.outcome,
  deliverBy: z.string().nullable().describe("Day by which the department means to deliver"),
  document: z.string().nullable().describe("Number of the department's document"),
  documentDate: z.string().nullable(),
  deliveredAt: moment,
  measureId: z.string().nullable().describe("Measure the help counts as"),
  closedAt: moment,
  closedBecause: ReferralState.shape.closedBecause,
  version: z.int(),
});

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export const referralView = ({ id, sentBy: _, ...referral }: Referral, today: BusinessDate): z.input<typeof ReferralView> => {
  const { zh, en } = needs[referral.need];
  return {
    ...referral,
    referralId: id,
    departmentTitle: departments[referral.department],
    needTitle: { zh, en },
    overdue: isOverdue(referral, today),
    sentAt: referral.sentAt.toISOString(),
    receivedAt: iso(referral.receivedAt),
    answeredAt: iso(referral.answeredAt),
    deliveredAt: iso(referral.deliveredAt),
    closedAt: iso(referral.closedAt),
  };
};
