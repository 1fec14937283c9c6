import { rangeOf } from "@shouwang/regions";
import { addDays, firstDayOf, monthOf, parameterFor, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import type { RoundCount, RoundScope } from "../visit/decide.ts";
import { keptRound, roundByPlace } from "./store.ts";

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

export type RoundSettings = { scope: RoundScope; phoneCountsWhenAbsent: boolean; callsFrom: string };

/** M-02: whom a month's round covers, whether a call to the absent counts, and since when, by the settings in force for an area. */
export async function roundSettings(tx: Tx<DB>, given: { month: string; region: string; today: string }): Promise<RoundSettings> {
  const scope = await parameterFor(tx, "round.scope", given.region, given.today);
  const phone = await parameterFor(tx, "round.phoneCountsWhenAbsent", given.region, given.today);
  const every = await parameterFor(tx, "round.absentEvery", given.region, given.today);
  return {
    scope: scope.value === "focus" ? "focus" : "all",
    phoneCountsWhenAbsent: phone.value,
    callsFrom: monthsBefore(given.month, Math.max(0, every.value - 1)),
  };
}

export type Round = RoundSettings & { counts: RoundCount[]; countedAt: Date | null; locked: boolean };

/**
 * M-02: the round of a month by place. Within a county it is counted now; above one (millions of households) the figures are those last counted of each village,
 * a second or so old, and of a locked month those that were frozen.
 */
export async function roundOf(
  tx: Tx<DB>,
  given: { month: string; region: string; digits: number; today: string },
): Promise<Round> {
  const settings = await roundSettings(tx, given);
  const area = rangeOf(given.region);
  const kept = await keptRound(tx, { month: given.month, area, digits: given.digits });
  if (kept.locked || given.region.replace(/0+$/, "").length <= 4) return { ...settings, ...kept };
  return {
    ...settings,
    counts: await roundByPlace(tx, { ...given, area, callsFrom: settings.callsFrom }),
    countedAt: null,
    locked: false,
  };
}
