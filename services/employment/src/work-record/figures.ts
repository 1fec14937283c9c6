import type { Bilingual } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, type IndicatorValue, PageQuery, pageOf } from "@shouwang/service-kit";
import { z } from "zod";
import { clause, query } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { countByDivision, countingRules, countWorkers, type Days, listWorkers } from "./figure-store.ts";

const readings = ["in-year", "today"] as const;
type Reading = (typeof readings)[number];
const daysOf = (reading: Reading, today: string): Days =>
  reading === "today" ? { from: today, to: today } : { from: `${today.slice(0, 4)}-01-01`, to: today };
const asked = z.object({
  reading: z.enum(readings).default("in-year").describe("At work on a day of the year so far, or today"),
  region: Area.optional().describe("The caller's own where absent"),
});

/**
 * E-01: lifted people (monitored ones among them) at work in the year and at work today, each person once. Both readings are shown; the one that the settings
 * choose is held against the guarantee and the stretch line.
 */
export const peopleAtWork = clause({
  clause: "E-01",
  read: async ({ tx, actor, now, today }) => {
    const { channels, reading } = await countingRules(tx, actor.region.padEnd(12, "0"), today);
    const count = (days: Days) => countWorkers(tx, { days, area: rangeOf(actor.region), channels });
    const inYear = await count(daysOf("in-year", today));
    const atWork = await count(daysOf("today", today));
    const which = reading === "in-year" ? ("in-year" as const) : ("today" as const);
    const figure = (code: string, value: number, of: Reading, title: Bilingual): IndicatorValue => ({
      ...{ code, clause: "E-01", title, unit: "persons", value, target: null, direction: null, asOf: now.toISOString() },
      list: `/api/v1/employment/workers?reading=${of}`,
    });
    const counts = which === "in-year" ? inYear : atWork;
    return [
      figure("E-01-in-year", inYear, "in-year", { zh: "当年务工人数", en: "People at work in the year" }),
      figure("E-01-today", atWork, "today", { zh: "当前在岗人数", en: "People at work today" }),
      figure("E-01-guarantee", counts, which, { zh: "务工规模(保底线)", en: "People in work, against the guarantee" }),
      figure("E-01-stretch", counts, which, { zh: "务工规模(力争线)", en: "People in work, against the stretch line" }),
    ];
  },
});

export const workFigures = query(
  {
    operation: "count-workers",
    path: "/work-figures",
    summary: {
      zh: "务工人数(县以上按县、县以下按村)",
      en: "People at work: by county above the counties, by village within one",
    },
    clauses: ["E-01"],
    allow: everyone,
    query: asked,
    reply: z.object({
      reading: z.enum(readings),
      from: z.string(),
      to: z.string(),
      workers: z.int().describe("Each person once"),
      kinds: z.array(z.string()).describe("Ways of finding work that count, by the settings"),
      items: z.array(z.object({ region: z.string(), workers: z.int() })),
    }),
    problems: [],
  },
  async ({ tx, query: { reading, region }, actor, today }) => {
    const area = region ?? actor.region;
    const { channels } = await countingRules(tx, area.padEnd(12, "0"), today);
    const what = { days: daysOf(reading, today), area: rangeOf(area), channels };
    const items = await countByDivision(tx, what, area.length < 6 ? 6 : 12);
    // All of a person's records stand where the person is registered: nobody is in two divisions.
    const workers = items.reduce((sum, one) => sum + one.workers, 0);
    return { reply: { reading, ...what.days, workers, kinds: channels, items } };
  },
);

export const listWorkersRoute = query(
  {
    operation: "list-workers",
    path: "/workers",
    summary: { zh: "务工人员名单(指标背后的人)", en: "The people behind the figures" },
    clauses: ["E-01"],
    allow: everyone,
    query: PageQuery.extend(asked.shape),
    reply: pageOf(
      z.object({
        personId: z.string(),
        householdId: z.string(),
        region: z.string(),
        name: z.string().nullable().describe("Masked"),
        workRecordIds: z.array(z.string()),
      }),
    ),
    problems: [],
  },
  async ({ tx, query: { reading, region, cursor, limit }, actor, today }) => {
    const area = region ?? actor.region;
    const { channels } = await countingRules(tx, area.padEnd(12, "0"), today);
    const what = { days: daysOf(reading, today), area: rangeOf(area), channels };
    const page = cutPage(await listWorkers(tx, what, { after: afterCursor(cursor), limit }), limit, ({ personId }) => personId);
    return { reply: { items: page.items.map(({ nameMask, ...one }) => ({ ...one, name: nameMask })), next: page.next } };
  },
);
