import { Month } from "@shouwang/contract";
import { targets } from "@shouwang/plan";
import { findDivision, rangeOf } from "@shouwang/regions";
import { everyone, issuedTargetFor } from "@shouwang/service-kit";
import { lastDayOf } from "@shouwang/service-kit/calendar";
import { z } from "zod";
import { query } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { placeName } from "../workplace/names.ts";
import { countByDay, countByPlace, countByScope } from "./breakdown-store.ts";
import { countingRules, type Days } from "./figure-store.ts";

const Asked = z.object({
  month: Month.optional().describe("As at this month's end, today where it is not over; the running one where absent"),
  reading: z
    .enum(["in-year", "month-end"])
    .default("in-year")
    .describe("At work on a day of the year up to then, or on that day"),
  region: Area.optional().describe("The caller's own where absent"),
});

/** The days a reading asks for: of the year up to a month's end, or that end alone; nothing is read beyond today. */
function daysAsked(reading: "in-year" | "month-end", month: string, today: string): Days {
  const end = lastDayOf(Month.parse(month));
  const to = end < today ? end : today;
  return reading === "in-year" ? { from: `${month.slice(0, 4)}-01-01`, to } : { from: to, to };
}

const Scopes = { inCounty: z.int(), inRegion: z.int(), outsideRegion: z.int(), abroad: z.int() };

export const workPlaces = query(
  {
    operation: "count-work-places",
    path: "/work-places",
    summary: { zh: "务工人数按户籍地和务工地", en: "People at work by where they are registered and where they work" },
    clauses: ["E-01"],
    allow: everyone,
    query: Asked,
    reply: z.object({
      from: z.string(),
      to: z.string(),
      workers: z.int().describe("Each person once, where their latest work is"),
      divisions: z.array(z.object({ region: z.string(), name: z.string(), workers: z.int(), ...Scopes })),
      places: z.array(
        z.object({
          scope: z.enum(["in-county", "in-region", "outside-region", "abroad"]),
          country: z.string(),
          place: z.string().nullable(),
          name: z.object({ zh: z.string(), en: z.string() }),
          workers: z.int(),
        }),
      ),
    }),
    problems: [],
  },
  async ({ tx, query: { month, reading, region }, actor, today }) => {
    const area = region ?? actor.region;
    const { channels } = await countingRules(tx, area.padEnd(12, "0"), today);
    const days = daysAsked(reading, month ?? today.slice(0, 7), today);
    const asked = { days, area: rangeOf(area), channels };
    const divisions = await countByScope(tx, asked, area.length < 6 ? 6 : area.length < 9 ? 9 : 12);
    const places = await countByPlace(tx, asked);
    return {
      reply: {
        ...days,
        workers: divisions.reduce((sum, { workers }) => sum + workers, 0),
        divisions: divisions.map((one) => ({ ...one, name: findDivision(one.region)?.name ?? one.region })),
        places: places.map((one) => ({ ...one, name: placeName(one.country, one.place) })),
      },
    };
  },
);

const monthsOf = (month: string): string[] =>
  Array.from({ length: Number(month.slice(5)) }, (_, n) => `${month.slice(0, 4)}-${String(n + 1).padStart(2, "0")}`);
const lineOf = (code: string): number | null => {
  const target = targets.find((one) => one.code === code)?.target;
  return typeof target === "number" ? target : null;
};

export const workMonths = query(
  {
    operation: "count-work-months",
    path: "/work-months",
    summary: { zh: "务工人数逐月趋势与两条任务线", en: "People at work month by month, with the trend and the two lines" },
    clauses: ["E-01"],
    allow: everyone,
    query: z.object({ month: Month.optional().describe("The last of the months, from January on"), region: Area.optional() }),
    reply: z.object({
      region: z.string(),
      guarantee: z
        .number()
        .nullable()
        .describe("The whole region's by the plan; below it what was issued, null where nothing was"),
      stretch: z.number().nullable(),
      items: z.array(
        z.object({
          month: z.string(),
          asOf: z.string(),
          inYear: z.int().describe("At work on a day of the year up to then"),
          atEnd: z.int().describe("At work on that day"),
          change: z.int().nullable().describe("Of those at work on the last day, against the month before; null for January"),
        }),
      ),
    }),
    problems: [],
  },
  async ({ tx, query: { month, region }, actor, today }) => {
    const area = region ?? actor.region;
    const code = area.padEnd(12, "0");
    const { channels } = await countingRules(tx, code, today);
    const months = monthsOf(month ?? today.slice(0, 7)).filter((each) => `${each}-01` <= today);
    const ends = months.map((each) => daysAsked("month-end", each, today).to);
    const counts = await countByDay(tx, { area: rangeOf(area), channels }, ends);
    const items = counts.map((count, at) => {
      const before = counts[at - 1];
      return { ...count, month: count.asOf.slice(0, 7), change: before ? count.atEnd - before.atEnd : null };
    });
    const line = async (of: string) => {
      if (area.length === 2) return lineOf(of);
      const issued = await issuedTargetFor(tx, of, code, today);
      return typeof issued?.value === "number" ? issued.value : null;
    };
    return { reply: { region: code, guarantee: await line("E-01-guarantee"), stretch: await line("E-01-stretch"), items } };
  },
);
