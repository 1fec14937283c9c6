import { Bilingual, HouseholdId, ReferralNeed, ReferralStatus, ReferredDepartment, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, PageQuery, pageOf } from "@shouwang/service-kit";
import { z } from "zod";
import { membersOf } from "../household/person-store.ts";
import { findHousehold } from "../household/store.ts";
import { clause, query, slice } from "../kit.ts";
import { shareIndicator } from "../share-indicator.ts";
import { departments, needs } from "./code-lists.ts";
import { listContactsRoute, setContact } from "./contact.ts";
import { countReferrals, repliesInTime } from "./count-store.ts";
import { deliverReferral } from "./deliver.ts";
import { acceptReferral, declineReferral, receiveReferral, returnReferral } from "./reply.ts";
import { ReferralPath, resendReferral, sendReferral } from "./send.ts";
import { closeReferral, revealReferral } from "./settle.ts";
import { stepsOfReferral } from "./step-store.ts";
import { findReferral, listReferrals } from "./store.ts";
import { ReferralView, referralView } from "./views.ts";

const Area = z
  .string()
  .regex(/^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$/)
  .describe("Division code or prefix");

const listReferralsRoute = query(
  {
    operation: "list-referrals",
    path: "/referrals",
    summary: { zh: "转介列表(部门只见本部门的)", en: "List referrals; a department's officers see their own" },
    clauses: ["M-03"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional(),
      department: ReferredDepartment.optional(),
      status: ReferralStatus.optional(),
      open: z.stringbool().optional().describe("Only those not closed, or only those closed"),
      overdue: z.stringbool().optional().describe("Only those whose reply is late"),
      householdId: HouseholdId.optional(),
    }),
    reply: pageOf(ReferralView),
    exports: { titles: { closedBecause: "办结原因" } },
    problems: [],
  },
  async ({ tx, query: { region, cursor, limit, ...filter }, actor, today }) => {
    const area = rangeOf(region ?? actor.region);
    const rows = await listReferrals(tx, { ...filter, area, after: afterCursor(cursor), limit });
    const page = cutPage(rows, limit, (row) => row.id);
    return { reply: { items: page.items.map((row) => referralView(row, today)), next: page.next } };
  },
);

const readReferral = query(
  {
    operation: "read-referral",
    path: "/referrals/{referralId}",
    summary: { zh: "查看转介(脱敏)及办理过程", en: "Read a referral, masked, with its steps" },
    clauses: ["M-03"],
    allow: everyone,
    params: ReferralPath,
    reply: ReferralView.extend({
      people: z
        .array(z.object({ personId: z.string(), relation: z.string(), name: z.string(), identityNumber: z.string() }))
        .describe("Masked"),
      headcount: z.int(),
      steps: z.array(
        z.object({
          step: z.string(),
          department: z.string(),
          because: z.string().nullable(),
          document: z.string().nullable(),
          documentDate: z.string().nullable(),
          actor: z.string(),
          at: z.string(),
        }),
      ),
    }),
    problems: ["referral-not-found"],
    opens: ({ reply }) => ({
      action: "open-referral",
      entity: "referral",
      entityId: reply.referralId,
      region: reply.region,
      clause: "M-03",
    }),
  },
  async ({ tx, params, today }) => {
    const referral = await findReferral(tx, params.referralId);
    const household = referral && (await findHousehold(tx, referral.householdId));
    if (!referral || !household) return refuse("referral-not-found");
    const people = (await membersOf(tx, household.id)).filter(({ id }) => referral.personId === null || id === referral.personId);
    return {
      reply: {
        ...referralView(referral, today),
        headcount: household.headcount,
        people: people.map(({ id, relation, nameMask, identityMask }) => ({
          ...{ personId: id, relation },
          ...{ name: nameMask, identityNumber: identityMask },
        })),
        steps: (await stepsOfReferral(tx, referral.id)).map(({ document_date: documentDate, at, ...step }) => ({
          ...{ ...step, documentDate },
          at: at.toISOString(),
        })),
      },
    };
  },
);

const count = z.int();
const countReferralsRoute = query(
  {
    operation: "count-referrals",
    path: "/referral-counts",
    summary: {
      zh: "转介办理统计(分部门、分区域)",
      en: "What became of referrals, by department and village (by county above a county)",
    },
    clauses: ["M-03"],
    allow: everyone,
    query: z.object({ region: Area.optional() }),
    reply: z.object({
      level: z.enum(["village", "county"]),
      items: z.array(
        z.object({
          region: z.string(),
          department: ReferredDepartment,
          title: Bilingual,
          sent: count,
          open: count,
          overdue: count.describe("No reply, and its day has passed"),
          accepted: count,
          declined: count,
          delivered: count,
          answeredInTime: count,
        }),
      ),
    }),
    problems: [],
  },
  async ({ tx, query: { region }, actor }) => {
    const area = region ?? actor.region;
    const level = area.length < 6 ? ("county" as const) : ("village" as const);
    const counts = await countReferrals(tx, rangeOf(area), level === "county" ? 6 : 12);
    return { reply: { level, items: counts.map((one) => ({ ...one, title: departments[one.department] })) } };
  },
);

const listNeeds = query(
  {
    operation: "list-referral-needs",
    path: "/referral-needs",
    summary: { zh: "可转介的需求及承办部门", en: "Needs that can be referred, with their department and kind of measure" },
    clauses: ["M-03"],
    allow: everyone,
    reply: z.object({
      items: z.array(
        z.object({
          need: ReferralNeed,
          title: Bilingual,
          department: ReferredDepartment,
          departmentTitle: Bilingual,
          category: z.string(),
        }),
      ),
    }),
    problems: [],
  },
  async () => ({
    reply: {
      items: ReferralNeed.options.map((need) => {
        const { zh, en, department, category } = needs[need];
        return { need, title: { zh, en }, department, departmentTitle: departments[department], category };
      }),
    },
  }),
);

/** M-03: what was handed on is not done with: whether departments reply by their day. */
const repliesDue = clause({
  clause: "M-03",
  read: async ({ tx, now }) => [
    shareIndicator({
      code: "M-03-referrals",
      clause: "M-03",
      title: { zh: "转介按期回复率", en: "Referrals answered in time" },
      share: await repliesInTime(tx),
      target: null,
      now,
      list: "/api/v1/monitoring/referrals?overdue=true",
    }),
  ],
});

export const referralSlice = slice({
  name: "referral",
  title: { zh: "转介", en: "Referrals" },
  routes: [
    sendReferral,
    listReferralsRoute,
    readReferral,
    receiveReferral,
    returnReferral,
    resendReferral,
    acceptReferral,
    declineReferral,
    deliverReferral,
    closeReferral,
    revealReferral,
    countReferralsRoute,
    listNeeds,
    setContact,
    listContactsRoute,
  ],
  clauses: [repliesDue],
});
