import {
  AppealFiled,
  AppealId,
  AppealWithdrawn,
  CaseId,
  DateText,
  PersonId,
  Reason,
  Refusal,
  RiskLeadId,
  refuse,
} from "@shouwang/contract";
import {
  actorOf,
  addDays,
  endDeadline,
  endOfDay,
  openDeadline,
  parameterFor,
  parseBusinessDate,
  reviewChain,
  stepsOf,
  type Tx,
  takeStep,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import { membersOf } from "../household/person-store.ts";
import { command } from "../kit.ts";
import { inclusionChain } from "../monitored-case/chain.ts";
import { lockCase } from "../monitored-case/store.ts";
import { lockLead } from "../risk-lead/store.ts";
import { type Decided, decideFiling, levelAbove, refusalOfCase, refusalOfLead } from "./decide.ts";
import { type Appeal, insertAppeal, lastVerification, lockAppeal, settleAppeal, stateOfAppeal } from "./store.ts";
import { AppealView, appealView } from "./views.ts";

/** Offices a household can hand an appeal in at. */
const takers = ["village-officer", "first-secretary", "township-officer", "county-officer"] as const;

/** An appeal is taken in by one office and decided by the level above the one that refused: nobody does both. */
export const appealChain = reviewChain("appeal", [
  { step: "filed", roles: takers, begins: true },
  { step: "decided-by-township", roles: ["township-officer"] },
  { step: "decided-by-county", roles: ["county-officer"] },
  { step: "decided-by-city", roles: ["city-officer"] },
]);
export const aboutAppeal = (appeal: Pick<Appeal, "id" | "householdId" | "region">) => ({
  entity: "appeal",
  entityId: appeal.id,
  householdId: appeal.householdId,
  region: appeal.region,
  round: 1,
});

type Subject = {
  householdId: string;
  region: string;
  leadId: string | null;
  caseId: string | null;
  decided: Decided | undefined;
};

/** What is appealed about, held until the transaction ends, with the decision there is to appeal against. */
async function subjectOf(
  tx: Tx<DB>,
  about: { leadId?: string | undefined; caseId?: string | undefined },
): Promise<Subject | Refusal<"lead-not-found" | "case-not-found">> {
  if (about.leadId !== undefined) {
    const lead = await lockLead(tx, about.leadId);
    if (!lead) return refuse("lead-not-found");
    const decided = refusalOfLead(lead, await lastVerification(tx, lead.id));
    return { householdId: lead.householdId, region: lead.region, leadId: lead.id, caseId: null, decided };
  }
  const monitored = about.caseId === undefined ? undefined : await lockCase(tx, about.caseId);
  if (!monitored) return refuse("case-not-found");
  const decided = refusalOfCase(monitored, await stepsOf(tx, inclusionChain.name, monitored.id));
  return { householdId: monitored.householdId, region: monitored.region, leadId: null, caseId: monitored.id, decided };
}

export const fileAppeal = command(
  {
    method: "post",
    operation: "file-appeal",
    path: "/appeals",
    summary: {
      zh: "农户申诉(线索被排除、不予纳入、风险消除有异议)",
      en: "A household appeals: a lead turned away, a case refused, a clearance it disputes",
    },
    clauses: ["M-03", "M-04c"],
    allow: takers,
    body: z.object({
      leadId: RiskLeadId.optional(),
      caseId: CaseId.optional(),
      madeBy: PersonId.describe("Member of the household who makes it"),
      filedOn: DateText.describe("Day on which the household made it; it must lie within the days for appeals"),
      grounds: z.string().trim().min(4).max(1_000).describe("In the household's words; sealed"),
    }),
    reply: AppealView.extend({ reason: Reason }),
    status: 201,
    problems: [
      "lead-not-found",
      "case-not-found",
      "invalid-input",
      "appeal-nothing-refused",
      "appeal-too-late",
      "appeal-made-already",
    ],
  },
  async ({ tx, keys, body, actor, now, today }) => {
    const wrong = (pointer: string, rule: string, zh: string, en: string) =>
      refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "M-03" }] });
    if ((body.leadId === undefined) === (body.caseId === undefined))
      return wrong("/caseId", "lead-or-case", "请填线索或认定,二者择一", "Name the lead or the case, one of them");
    const subject = await subjectOf(tx, body);
    if (subject instanceof Refusal) return subject;
    const { decided, ...about } = subject;
    if (!decided) return refuse("appeal-nothing-refused");
    if (!(await membersOf(tx, about.householdId)).some(({ id }) => id === body.madeBy))
      return wrong("/madeBy", "member", "申诉人须为该户家庭成员", "Whoever appeals is a member of the household");
    const days = await parameterFor(tx, "appeal.days", about.region, today);
    const { document } = days;
    const timely = decideFiling(decided, { filedOn: parseBusinessDate(body.filedOn), today, days: days.value, document });
    if (timely instanceof Refusal) return timely;
    const answer = await parameterFor(tx, "appeal.decisionDays", about.region, today);
    const dueOn = addDays(today, answer.value);
    const level = levelAbove[decided.against];
    const appeal: Appeal = {
      ...about,
      id: uuidv7(),
      against: decided.against,
      refusedBy: decided.by,
      refusedAt: decided.at,
      level,
      madeBy: body.madeBy,
      filedOn: body.filedOn,
      filedBy: actorOf(actor),
      dueOn,
      status: "filed",
      decidedOn: null,
      decidedBy: null,
      lapsedOn: null,
      version: 1,
    };
    if (!(await insertAppeal(tx, keys, appeal, body.grounds))) return refuse("appeal-made-already");
    const { round: _, ...row } = aboutAppeal(appeal);
    await takeStep(tx, appealChain, aboutAppeal(appeal), "filed", { actor, at: now, outcome: "filed" });
    await openDeadline(tx, {
      ...row,
      kind: "decide-appeal",
      clause: "M-03",
      role: `${level}-officer`,
      startedAt: now,
      dueAt: endOfDay(dueOn),
    });
    return {
      reply: { ...appealView(appeal), reason: timely.reason },
      events: [AppealFiled.of(appeal.id, 1, appeal.region, stateOfAppeal(appeal))],
    };
  },
);

export const AppealPath = z.object({ appealId: AppealId });

export const withdrawAppeal = command(
  {
    method: "post",
    operation: "withdraw-appeal",
    path: "/appeals/{appealId}/withdrawal",
    summary: { zh: "农户撤回申诉", en: "The household takes its appeal back; it may be made again within its days" },
    clauses: ["M-03"],
    allow: takers,
    params: AppealPath,
    reply: AppealView,
    problems: ["appeal-not-found", "appeal-state"],
  },
  async ({ tx, keys, params, now }) => {
    const appeal = await lockAppeal(tx, params.appealId);
    if (!appeal) return refuse("appeal-not-found");
    if (appeal.status !== "filed") return refuse("appeal-state");
    const after: Appeal = { ...appeal, status: "withdrawn", version: appeal.version + 1 };
    await settleAppeal(tx, keys, after, undefined);
    await endDeadline(tx, "decide-appeal", "appeal", appeal.id, "cancelled", now);
    return {
      reply: appealView(after),
      events: [AppealWithdrawn.of(after.id, after.version, after.region, stateOfAppeal(after))],
    };
  },
);
