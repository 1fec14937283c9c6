import type { MonthlyRoundState } from "@shouwang/contract";
import { businessDate, firstDayOf, lastDayOf, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { z } from "zod";
import type { DB } from "../db.ts";
import type { RoundScope } from "../visit/decide.ts";
import { recountVillages } from "./store.ts";

export type RoundVillage = {
  id: string;
  month: string;
  region: string;
  households: number;
  focusHouseholds: number;
  atHome: number;
  byCall: number;
  focusAtHome: number;
  focusByCall: number;
  changedOn: string;
  lockedAt: Date | null;
  version: number;
};

const figures = sql`r.id, r.month, r.region, r.households, r.focus_households as "focusHouseholds", r.at_home as "atHome", r.by_call as "byCall",
  r.focus_at_home as "focusAtHome", r.focus_by_call as "focusByCall", r.changed_on as "changedOn", r.locked_at as "lockedAt", r.version`;

/** A village's round as its events carry it. */
export const stateOfRound = (round: RoundVillage): z.input<typeof MonthlyRoundState> => {
  const { id, changedOn, lockedAt, version: _, ...rest } = round;
  return {
    ...rest,
    monthlyRoundId: id,
    asOfDay: lockedAt ? businessDate(lockedAt) : changedOn,
    lockedAt: lockedAt?.toISOString() ?? null,
  };
};

/** Open villages whose figures moved on a day that is over and that nobody was told of: marked told, with the version their event carries. */
export async function tellVillages(tx: Tx<DB>, given: { before: string; limit: number }): Promise<RoundVillage[]> {
  const { rows } = await sql<RoundVillage>`update monitoring.round_village r set told_on = changed_on, version = version + 1
    where id in (select id from monitoring.round_village where told_on is distinct from changed_on and changed_on < ${given.before}::date and locked_at is null
      order by changed_on, id limit ${given.limit} for update skip locked)
    returning ${figures}`.execute(tx);
  return rows;
}

/** Months before the given one with villages that are not locked yet, the earliest first. */
export async function openMonths(tx: Tx<DB>, before: string): Promise<string[]> {
  const { rows } = await sql<{
    month: string;
  }>`select distinct month from monitoring.round_village where locked_at is null and month < ${before}
    order by month`.execute(tx);
  return rows.map((row) => row.month);
}

/** Counts up to `limit` villages of a month for the last time and freezes them. */
export async function lockVillages(
  tx: Tx<DB>,
  given: { month: string; callsFrom: string; limit: number; now: Date; today: string },
): Promise<RoundVillage[]> {
  const { rows: open } = await sql<{
    region: string;
  }>`select region from monitoring.round_village where month = ${given.month} and locked_at is null
    order by region limit ${given.limit} for update`.execute(tx);
  const places = open.map((row) => row.region);
  await recountVillages(tx, { ...given, places });
  const { rows } =
    await sql<RoundVillage>`update monitoring.round_village r set locked_at = ${given.now}, told_on = changed_on, version = version + 1
    where month = ${given.month} and region = any(${places}::text[]) and locked_at is null returning ${figures}`.execute(tx);
  return rows;
}

/** Grids of villages whose round of the month left households out, and how many; what no grid holds is nobody's. */
export async function gridsBehind(
  tx: Tx<DB>,
  given: { month: string; places: readonly string[]; scope: RoundScope; phoneCountsWhenAbsent: boolean },
): Promise<{ id: string; region: string; notSeen: number }[]> {
  const [households, atHome, byCall] =
    given.scope === "focus" ? ["focus_households", "focus_at_home", "focus_by_call"] : ["households", "at_home", "by_call"];
  const left = sql`${sql.ref(households ?? "")} - ${sql.ref(atHome ?? "")} - ${given.phoneCountsWhenAbsent ? sql.ref(byCall ?? "") : sql`0`}`;
  const { rows } = await sql<{
    id: string;
    region: string;
    notSeen: number;
  }>`select id, region, ${left} as "notSeen" from monitoring.round_grid
    where month = ${given.month} and region = any(${[...given.places]}::text[]) and subject <> '' and ${left} > 0 order by region, subject`.execute(
    tx,
  );
  return rows;
}

/** How one household stands in a month: the amendment of a visit is the difference between two of these. */
export type Standing = "at-home" | "by-call" | "none";

/**
 * Corrects a locked village by what an amendment changed for one household, and keeps what the figures were. Everything else stays as it was frozen.
 * @returns the village, or undefined where the month is not locked (it is counted anew like any other)
 */
export async function correctVillage(
  tx: Tx<DB>,
  given: { month: string; householdId: string; from: Standing; to: Standing; amendmentId: string; now: Date },
): Promise<RoundVillage | undefined> {
  const { rows: found } = await sql<{
    id: string;
    region: string;
    place: string;
    focus: boolean;
    subject: string;
    before: unknown;
  }>`
    select r.id, r.region, h.place, h.monitored_kind is not null and not h.risk_cleared as focus, coalesce(a.subject, '') as subject,
      jsonb_build_object('households', r.households, 'atHome', r.at_home, 'byCall', r.by_call, 'focusAtHome', r.focus_at_home, 'focusByCall', r.focus_by_call) as before
    from monitoring.household h join monitoring.round_village r on r.region = h.place and r.month = ${given.month} and r.locked_at is not null
    left join kit.assignment a on a.household_id = h.id and a.kind = 'grid' and a.valid_to is null
    where h.id = ${given.householdId} for update of r`.execute(tx);
  const village = found[0];
  if (!village) return undefined;
  const step = (standing: Standing) => Number(given.to === standing) - Number(given.from === standing);
  const [home, call] = [step("at-home"), step("by-call")];
  const [focusHome, focusCall] = village.focus ? [home, call] : [0, 0];
  const changed = sql`at_home = at_home + ${home}, by_call = by_call + ${call}, focus_at_home = focus_at_home + ${focusHome}, focus_by_call = focus_by_call + ${focusCall}`;
  await sql`insert into monitoring.round_correction (id, round_village_id, region, amendment_id, before, at)
    values (${uuidv7()}, ${village.id}, ${village.region}, ${given.amendmentId}, ${JSON.stringify(village.before)}::jsonb, ${given.now})`.execute(
    tx,
  );
  await sql`update monitoring.round_grid set ${changed} where month = ${given.month} and region = ${village.region} and subject = ${village.subject}`.execute(
    tx,
  );
  const { rows } =
    await sql<RoundVillage>`update monitoring.round_village r set ${changed}, version = version + 1 where id = ${village.id}
    returning ${figures}`.execute(tx);
  return rows[0];
}

/** How a month's visits leave a household standing in its round; `callsFrom` is the first day whose calls to the absent count. */
export async function standingOf(tx: Tx<DB>, householdId: string, span: { month: string; callsFrom: string }): Promise<Standing> {
  const { rows } = await sql<{ home: boolean | null; called: boolean | null }>`select
      bool_or(round_met = 'at-home' and visited_on >= ${firstDayOf(span.month)}::date) as home, bool_or(round_met = 'by-call') as called
    from monitoring.visit where household_id = ${householdId} and visited_on between ${span.callsFrom}::date and ${lastDayOf(span.month)}::date`.execute(
    tx,
  );
  return rows[0]?.home ? "at-home" : rows[0]?.called ? "by-call" : "none";
}
