import { ProjectId, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, PageQuery, pageOf, parameterFor } from "@shouwang/service-kit";
import { z } from "zod";
import { query, slice } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { importLines, labourImport, readImport } from "./import.ts";
import { payPeriod, postPeriod, verifyPeriod } from "./pay.ts";
import { enterLine, openPeriod, PeriodPath, removeLine } from "./period.ts";
import { projects } from "./projection.ts";
import { findPeriod, findProject, findRoll, listLines, listRolls, periodsOf, totalsOfPeriod, totalsOfRoll } from "./store.ts";
import { LineView, lineView, PeriodView, periodView, projectView, RollDetail, RollView, rollView } from "./views.ts";

const listRollsRoute = query(
  {
    operation: "list-labour-rolls",
    path: "/labour-rolls",
    summary: { zh: "以工代赈项目劳务报酬名册", en: "Labour rolls of work-for-relief projects, each with its totals" },
    clauses: ["E-14b", "E-15"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional().describe("The caller's own where absent"),
      projectId: ProjectId.optional(),
    }),
    reply: pageOf(RollView),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { region, projectId, cursor, limit }, actor }) => {
    const rows = await listRolls(tx, { area: rangeOf(region ?? actor.region), projectId, after: afterCursor(cursor), limit });
    const page = cutPage(rows, limit, ({ id }) => id);
    const items = [];
    for (const roll of page.items) items.push(rollView(roll, await totalsOfRoll(tx, roll.id)));
    return { reply: { items, next: page.next } };
  },
);

const readRoll = query(
  {
    operation: "read-labour-roll",
    path: "/labour-rolls/{labourRollId}",
    summary: { zh: "查看名册各期、合计和劳务报酬占比", en: "Read a roll: its periods, totals, and the share of labour pay" },
    clauses: ["E-14b", "E-15"],
    allow: everyone,
    params: z.object({ labourRollId: z.uuid() }),
    reply: RollDetail,
    problems: ["labour-roll-not-found"],
  },
  async ({ tx, params, today }) => {
    const roll = await findRoll(tx, params.labourRollId);
    if (!roll) return refuse("labour-roll-not-found");
    const totals = await totalsOfRoll(tx, roll.id);
    const project = await findProject(tx, roll.projectId);
    const least = await parameterFor(tx, "workRelief.payRatio", roll.region, today);
    const periods = [];
    for (const period of await periodsOf(tx, roll.id)) periods.push(periodView(period, await totalsOfPeriod(tx, period.id)));
    return {
      reply: { ...rollView(roll, totals), periods, project: project ? projectView(project, totals.paidFen, least.value) : null },
    };
  },
);

const readPeriod = query(
  {
    operation: "read-labour-period",
    path: "/labour-periods/{periodId}",
    summary: { zh: "查看一期名册", en: "Read a period of a roll" },
    clauses: ["E-15"],
    allow: everyone,
    params: PeriodPath,
    reply: PeriodView,
    problems: ["labour-period-not-found"],
  },
  async ({ tx, params }) => {
    const period = await findPeriod(tx, params.periodId);
    if (!period) return refuse("labour-period-not-found");
    return { reply: periodView(period, await totalsOfPeriod(tx, period.id)) };
  },
);

const listLinesRoute = query(
  {
    operation: "list-labour-lines",
    path: "/labour-lines",
    summary: { zh: "名册人员(可只看未足额发放)", en: "Who stands on a period of a roll, or only those not paid in full" },
    clauses: ["E-14b", "E-15"],
    allow: everyone,
    query: PageQuery.extend({ periodId: z.uuid(), unpaid: z.stringbool().optional() }),
    reply: pageOf(LineView),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { periodId, unpaid, cursor, limit } }) => {
    const page = cutPage(await listLines(tx, { periodId, unpaid, after: afterCursor(cursor), limit }), limit, ({ id }) => id);
    return { reply: { items: page.items.map(lineView), next: page.next } };
  },
);

/** E-14b, E-15: who worked on a work-for-relief project, what they earned, signed for and were paid. Funds decides on the share with its totals. */
export const labourRollSlice = slice({
  name: "labour-roll",
  title: { zh: "以工代赈劳务报酬名册", en: "Labour rolls" },
  routes: [
    ...[openPeriod, enterLine, removeLine, postPeriod, payPeriod, verifyPeriod],
    ...[listRollsRoute, readRoll, readPeriod, listLinesRoute, importLines, readImport],
  ],
  jobs: [labourImport],
  readers: [projects],
});
