import { Month } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { addDays, everyone, firstDayOf, monthOf, parameterFor, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { query } from "../kit.ts";
import { type RoundCount, type RoundScope, roundPlaces } from "./decide.ts";
import { roundByPlace } from "./store.ts";

export const Area = z
  .string()
  .regex(/^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$/)
  .describe("Division code or prefix");

/** The first day of the month that lies `months` before. */
const monthsBefore = (month: string, months: number): string => {
  let first = firstDayOf(month);
  for (let n = 0; n < months; n += 1) first = firstDayOf(monthOf(addDays(first, -1)));
  return first;
};

export type Round = { counts: RoundCount[]; scope: RoundScope; phoneCountsWhenAbsent: boolean };

/** M-02: the round of a month, counted, with the settings in force for the area: whom it covers, whether a call to the absent counts, how often they are reached. */
export async function roundOf(
  tx: Tx<DB>,
  given: { month: string; region: string; digits: number; today: string },
): Promise<Round> {
  const { month, region, digits, today } = given;
  const scope = await parameterFor(tx, "round.scope", region, today);
  const phone = await parameterFor(tx, "round.phoneCountsWhenAbsent", region, today);
  const every = await parameterFor(tx, "round.absentEvery", region, today);
  const callsFrom = monthsBefore(month, Math.max(0, (every.value ?? 1) - 1));
  return {
    counts: await roundByPlace(tx, { month, callsFrom, area: rangeOf(region), digits }),
    scope: scope.value === "focus" ? "focus" : "all",
    phoneCountsWhenAbsent: phone.value ?? true,
  };
}

export const readRound = query(
  {
    operation: "read-visit-round",
    path: "/visit-rounds/{month}",
    summary: { zh: "月度遍访进度(县以下按村,县以上按县)", en: "The monthly round: by village within a county, by county above" },
    clauses: ["M-02"],
    allow: everyone,
    params: z.object({ month: Month }),
    query: z.object({
      region: Area.optional().describe("The caller's own where absent"),
      scope: z.enum(["all", "focus"]).optional(),
    }),
    reply: z.object({
      month: Month,
      scope: z.enum(["all", "focus"]).describe("Whom the round covers, by the settings unless asked otherwise"),
      phoneCounts: z.boolean().describe("A call to a wholly absent household counts"),
      level: z.enum(["village", "county"]),
      items: z.array(
        z.object({
          region: z.string(),
          households: z.int(),
          visited: z.int().describe("Each household once, by a home visit or, where it counts, a call"),
          atHome: z.int(),
          byCall: z.int().describe("Only reached by a call, being away"),
          notSeen: z.int(),
        }),
      ),
    }),
    problems: [],
  },
  async ({ tx, params: { month }, query: { region, scope }, actor, today }) => {
    const area = region ?? actor.region;
    const level = area.length < 6 ? ("county" as const) : ("village" as const);
    const digits = level === "county" ? 6 : 12;
    const round = await roundOf(tx, { month, region: area, digits, today });
    const asked = { ...round, scope: scope ?? round.scope };
    return {
      reply: {
        month,
        scope: asked.scope,
        phoneCounts: round.phoneCountsWhenAbsent,
        level,
        items: roundPlaces(round.counts, asked),
      },
    };
  },
);
