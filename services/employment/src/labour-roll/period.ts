import { type EventDraft, LabourRollTotalled, LabourRollVerified, ProjectId, refuse } from "@shouwang/contract";
import { findDivision, levelOf } from "@shouwang/regions";
import { actorOf, checkBankAccount, mayReach, parseBusinessDate, type Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import { command } from "../kit.ts";
import { amountOf, checkLine, periodsOverlap } from "./decide.ts";
import { placePeople } from "./place.ts";
import {
  deleteLine,
  findProject,
  insertPeriod,
  lockPeriod,
  lockRollOf,
  nextOfRoll,
  type Period,
  periodsOf,
  type Roll,
  totalsOfPeriod,
  writeLines,
} from "./store.ts";
import { LineEntry, PeriodEntry, PeriodView, periodView } from "./views.ts";

/** Offices that keep a roll for whoever carries the project out. */
export const keepers = [
  "county-officer",
  "township-officer",
  "village-officer",
  "first-secretary",
  "department-officer",
] as const;
export const PeriodPath = z.object({ periodId: z.uuid() });

/** The roll's totals as they now are, told under its next version. */
export async function tellRoll(tx: Tx<DB>, roll: Roll): Promise<EventDraft[]> {
  const { version, state } = await nextOfRoll(tx, roll);
  const event = state.status === "verified" ? LabourRollVerified : LabourRollTotalled;
  return [event.of(roll.id, version, roll.region, state)];
}
export const auditOf = (action: string, { id, region }: Period, changed: Record<string, unknown>) => [
  { action, entity: "labour-period", entityId: id, region, clause: "E-15", changed },
];
export const viewOf = async (tx: Tx<DB>, period: Period) => periodView(period, await totalsOfPeriod(tx, period.id));
export const wrong = (pointer: string, rule: string, zh: string, en: string) =>
  refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "E-15" }] });

export const openPeriod = command(
  {
    method: "post",
    operation: "open-labour-period",
    path: "/labour-periods",
    summary: { zh: "建立以工代赈项目劳务报酬名册(按期)", en: "Open a period of a work-for-relief project's labour roll" },
    clauses: ["E-14b", "E-15"],
    allow: keepers,
    body: PeriodEntry,
    reply: PeriodView,
    status: 201,
    problems: ["invalid-input", "unknown-division", "outside-area", "project-not-work-for-relief", "labour-period-overlaps"],
  },
  async ({ tx, body: { projectId, region, from, until }, actor }) => {
    const place = findDivision(region);
    if (!place || !["county", "township", "village"].includes(levelOf(place.code))) return refuse("unknown-division");
    if (!mayReach(actor, region)) return refuse("outside-area");
    if (until < from) return wrong("/until", "date-order", "结束日期早于开始日期", "It ends before it begins");
    const project = await findProject(tx, projectId);
    if (project && project.mode !== "work-for-relief") return refuse("project-not-work-for-relief");
    if (project && project.place !== region)
      return wrong("/region", "project-elsewhere", "与项目所在地不一致", "Not the place of the project");
    const roll = await lockRollOf(tx, { id: uuidv7(), projectId: ProjectId.parse(projectId), region });
    if (roll?.region !== region)
      return wrong("/region", "project-elsewhere", "该项目的名册在其他地方", "The project's roll is kept for another place");
    if ((await periodsOf(tx, roll.id)).some((other) => periodsOverlap(other, { from, until })))
      return refuse("labour-period-overlaps");
    const period: Period = {
      ...{ id: uuidv7(), labourRollId: roll.id, region, from, until, status: "open" },
      ...{ postedOn: null, postedUntil: null, paidBy: null, verifiedOn: null },
    };
    await insertPeriod(tx, period, actorOf(actor));
    return {
      reply: await viewOf(tx, period),
      events: await tellRoll(tx, roll),
      audit: auditOf("open-labour-period", period, { projectId, from, until }),
    };
  },
);

export const enterLine = command(
  {
    method: "post",
    operation: "enter-labour-line",
    path: "/labour-periods/{periodId}/lines",
    summary: {
      zh: "登记出工天数、日工资和签字",
      en: "Put somebody's days on the roll, with rate and signature; again for a correction",
    },
    clauses: ["E-14b", "E-15"],
    allow: keepers,
    params: PeriodPath,
    body: LineEntry,
    reply: PeriodView,
    problems: ["labour-period-not-found", "labour-period-state", "person-not-found", "no-member-on-the-day", "invalid-input"],
  },
  async ({ tx, params, body, keys, today }) => {
    const locked = await lockPeriod(tx, params.periodId);
    if (!locked) return refuse("labour-period-not-found");
    const { roll, period } = locked;
    if (period.status !== "open") return refuse("labour-period-state");
    const placed = (await placePeople(tx, [body.personId], period)).get(body.personId);
    if (!placed) return refuse("person-not-found");
    if (placed === "no-member") return refuse("no-member-on-the-day");
    const line = { days: body.days, rateFen: body.rateFen, signedOn: body.signedOn ?? null };
    const account = body.account === undefined ? undefined : checkBankAccount(body.account);
    const span = { from: parseBusinessDate(period.from), until: parseBusinessDate(period.until) };
    const errors = checkLine(line, span, today);
    if (account && !account.ok)
      errors.push({ pointer: "/account", rule: account.rule, zh: account.zh, en: account.en, clause: "E-15" });
    if (errors.length > 0) return refuse("invalid-input", { errors });
    await writeLines(tx, keys, period.id, [
      {
        ...{
          id: uuidv7(),
          personId: body.personId,
          householdId: placed.householdId,
          region: period.region,
          target: placed.target,
        },
        ...{ ...line, amountFen: amountOf(line.days, line.rateFen), account: account?.ok ? account.value : null },
      },
    ]);
    return {
      reply: await viewOf(tx, period),
      events: await tellRoll(tx, roll),
      audit: auditOf("enter-labour-line", period, { personId: body.personId, ...line }),
    };
  },
);

export const removeLine = command(
  {
    method: "delete",
    operation: "remove-labour-line",
    path: "/labour-periods/{periodId}/lines/{personId}",
    summary: { zh: "从名册中移除人员", en: "Take somebody off an open roll" },
    clauses: ["E-15"],
    allow: keepers,
    params: PeriodPath.extend({ personId: z.uuid() }),
    reply: PeriodView,
    problems: ["labour-period-not-found", "labour-period-state", "person-not-found"],
  },
  async ({ tx, params: { periodId, personId } }) => {
    const locked = await lockPeriod(tx, periodId);
    if (!locked) return refuse("labour-period-not-found");
    if (locked.period.status !== "open") return refuse("labour-period-state");
    if (!(await deleteLine(tx, periodId, personId))) return refuse("person-not-found");
    return {
      reply: await viewOf(tx, locked.period),
      events: await tellRoll(tx, locked.roll),
      audit: auditOf("remove-labour-line", locked.period, { personId }),
    };
  },
);
