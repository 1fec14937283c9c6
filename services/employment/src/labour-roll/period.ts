import { type EventDraft, LabourRollTotalled, LabourRollVerified, ProjectId, refuse } from "@shouwang/contract";
import { findDivision, levelOf } from "@shouwang/regions";
import { actorOf, addDays, checkBankAccount, mayReach, parameterFor, parseBusinessDate, type Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import { command } from "../kit.ts";
import { amountOf, checkLine, checkPayment, periodsOverlap } from "./decide.ts";
import { placePeople } from "./place.ts";
import {
  deleteLine,
  findProject,
  insertPeriod,
  listLines,
  lockPeriod,
  lockRollOf,
  nextOfRoll,
  type Period,
  payLines,
  periodsOf,
  type Roll,
  savePeriod,
  totalsOfPeriod,
  writeLines,
} from "./store.ts";
import { LineEntry, PeriodEntry, PeriodView, periodView, unpaidReasons } from "./views.ts";

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
const auditOf = (action: string, { id, region }: Period, changed: Record<string, unknown>) => [
  { action, entity: "labour-period", entityId: id, region, clause: "E-15", changed },
];
const viewOf = async (tx: Tx<DB>, period: Period) => periodView(period, await totalsOfPeriod(tx, period.id));
const wrong = (pointer: string, rule: string, zh: string, en: string) =>
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

export const postPeriod = command(
  {
    method: "post",
    operation: "post-labour-period",
    path: "/labour-periods/{periodId}/posting",
    summary: { zh: "名册公示(全部签字后)", en: "Put a roll up for the village to see, when everybody on it has signed" },
    clauses: ["E-15"],
    allow: keepers,
    params: PeriodPath,
    body: z.object({}),
    reply: PeriodView,
    problems: ["labour-period-not-found", "labour-period-state", "labour-roll-unsigned"],
  },
  async ({ tx, params, today }) => {
    const locked = await lockPeriod(tx, params.periodId);
    if (!locked) return refuse("labour-period-not-found");
    if (locked.period.status !== "open") return refuse("labour-period-state");
    const totals = await totalsOfPeriod(tx, locked.period.id);
    if (totals.persons === 0 || totals.unsigned > 0) return refuse("labour-roll-unsigned");
    const days = await parameterFor(tx, "posting.subsidy.days", locked.period.region, today);
    const postedUntil = addDays(today, days.value);
    const period: Period = { ...locked.period, status: "posted", postedOn: today, postedUntil };
    await savePeriod(tx, period);
    return {
      reply: periodView(period, totals),
      events: await tellRoll(tx, locked.roll),
      audit: auditOf("post-labour-period", period, { postedUntil }),
    };
  },
);

export const payPeriod = command(
  {
    method: "post",
    operation: "pay-labour-period",
    path: "/labour-periods/{periodId}/payments",
    summary: {
      zh: "登记劳务报酬到账情况",
      en: "Record what reached people's accounts; what did not is kept apart, with the reason",
    },
    clauses: ["E-15"],
    allow: ["county-officer", "township-officer", "department-officer"],
    params: PeriodPath,
    body: z.object({
      paidOn: LineEntry.shape.signedOn.unwrap(),
      lines: z
        .array(
          z.object({
            lineId: z.uuid(),
            paidFen: LineEntry.shape.rateFen,
            because: z.enum(unpaidReasons).optional().describe("Why not all of it was paid"),
          }),
        )
        .min(1)
        .max(1_000),
    }),
    reply: PeriodView,
    problems: ["labour-period-not-found", "labour-period-state", "labour-roll-still-posted", "invalid-input"],
  },
  async ({ tx, params, body, actor, today }) => {
    const locked = await lockPeriod(tx, params.periodId);
    if (!locked) return refuse("labour-period-not-found");
    const { roll, period } = locked;
    if (!["posted", "paid"].includes(period.status)) return refuse("labour-period-state");
    if (today <= (period.postedUntil ?? today)) return refuse("labour-roll-still-posted");
    if (body.paidOn > today) return wrong("/paidOn", "not-in-future", "发放日期不能晚于今天", "It is paid by today");
    const held = new Map(
      (await listLines(tx, { periodId: period.id, unpaid: undefined, after: undefined, limit: 10_000 })).map((line) => [
        line.id,
        line,
      ]),
    );
    const errors = body.lines.flatMap(({ lineId, paidFen, because = null }, at) => {
      const line = held.get(lineId);
      const error = line
        ? checkPayment({ amountFen: line.amountFen, account: line.accountMask !== null }, { paidFen, because })
        : { pointer: "/lineId", rule: "line-of-period", zh: "名册中没有此行", en: "No such line on the roll", clause: "E-15" };
      return error ? [{ ...error, pointer: `/lines/${at}${error.pointer}` }] : [];
    });
    if (errors.length > 0) return refuse("invalid-input", { errors });
    await payLines(
      tx,
      body.lines.map(({ lineId, paidFen, because = null }) => ({ id: lineId, paidFen, because })),
      body.paidOn,
    );
    const totals = await totalsOfPeriod(tx, period.id);
    const whole = totals.paidFen === totals.earnedFen;
    const paid: Period = { ...period, status: whole ? "paid" : "posted", paidBy: actorOf(actor) };
    await savePeriod(tx, paid);
    return {
      reply: periodView(paid, totals),
      events: await tellRoll(tx, roll),
      audit: auditOf("pay-labour-period", paid, { lines: body.lines.length, paidFen: totals.paidFen }),
    };
  },
);

export const verifyPeriod = command(
  {
    method: "post",
    operation: "verify-labour-period",
    path: "/labour-periods/{periodId}/verification",
    summary: {
      zh: "县级核验劳务报酬名册",
      en: "The county verifies a roll that was paid: another person than the one who recorded the payment",
    },
    clauses: ["E-15"],
    allow: ["county-officer"],
    params: PeriodPath,
    body: z.object({}),
    reply: PeriodView,
    problems: ["labour-period-not-found", "labour-period-state", "same-person-twice"],
  },
  async ({ tx, params, actor, today }) => {
    const locked = await lockPeriod(tx, params.periodId);
    if (!locked) return refuse("labour-period-not-found");
    if (locked.period.status !== "paid") return refuse("labour-period-state");
    if (locked.period.paidBy === actorOf(actor)) return refuse("same-person-twice");
    const period: Period = { ...locked.period, status: "verified", verifiedOn: today };
    await savePeriod(tx, period);
    return {
      reply: await viewOf(tx, period),
      events: await tellRoll(tx, locked.roll),
      audit: auditOf("verify-labour-period", period, {}),
    };
  },
);
