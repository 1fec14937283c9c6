import type { FocusHouseholdState } from "@shouwang/contract";
import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { z } from "zod";
import type { DB } from "../db.ts";
import { afterPlace, criteriaOf, isFocus, type Place } from "./condition-store.ts";
import type { Criterion, FocusSettings } from "./decide.ts";

/** One household of one year's list. */
export type FocusHousehold = {
  id: string;
  householdId: string;
  region: string;
  year: number;
  criteria: Criterion[];
  perCapitaFen: number | null;
  beforePerCapitaFen: number | null;
  listedOn: string;
  removedOn: string | null;
  removedBecause: "conditions-ended" | "not-watched" | null;
  version: number;
};

/** The entry's whole public state, as its events carry it: no income. */
export const stateOfFocus = (focus: Pick<FocusHousehold, "id" | "householdId" | "region" | "year" | "criteria">) =>
  ({
    focusHouseholdId: focus.id,
    householdId: focus.householdId,
    region: focus.region,
    year: focus.year,
    criteria: focus.criteria,
  }) satisfies z.input<typeof FocusHouseholdState>;

const columns = sql`f.id, f.household_id as "householdId", f.region, f.year, f.criteria, f.per_capita_fen as "perCapitaFen",
  f.before_per_capita_fen as "beforePerCapitaFen", f.listed_on as "listedOn", f.removed_on as "removedOn", f.removed_because as "removedBecause", f.version`;

export type ListArea = { area: { lo: string; hi: string }; after: Place | undefined; limit: number; householdId?: string };

/** A household whose entry is not what the conditions say: not listed yet, listed again, or by other conditions or figures. */
export type ToList = Place & {
  id: string | null;
  criteria: Criterion[];
  perCapitaFen: number | null;
  beforePerCapitaFen: number | null;
  /** Null where there is no entry. */
  version: number | null;
  /** Its public state changes; else only the figures do. */
  changes: boolean;
};

/**
 * Looks at the next `limit` households the conditions find and answers those whose entry says otherwise, with the last one looked at. Two statements: entries are
 * looked up by their households alone, so that statistics that are behind (a list that has just been opened) cannot lead the planner through the whole list.
 */
export async function findToList(
  tx: Tx<DB>,
  settings: FocusSettings & { year: number },
  given: ListArea,
): Promise<{ entries: ToList[]; last: Place | undefined }> {
  const { rows } = await sql<
    Omit<ToList, "id" | "version" | "changes">
  >`select y.region, y.household_id as "householdId", ${criteriaOf(settings)} as criteria,
      y.per_capita_fen as "perCapitaFen", y.before_per_capita_fen as "beforePerCapitaFen"
    from monitoring.income_year y
    where y.year = ${settings.baseYear} and y.watched and y.region >= ${given.area.lo} and y.region < ${given.area.hi} and ${isFocus(settings)}
      and ${given.householdId === undefined ? sql`true` : sql`y.household_id = ${given.householdId}::uuid`}
      and ${afterPlace(sql`y.region`, sql`y.household_id`, given.after)}
    order by y.region, y.household_id limit ${given.limit}`.execute(tx);
  const known = await sql<FocusHousehold>`select ${columns} from monitoring.focus_household f
    where f.household_id = any (${rows.map((row) => row.householdId)}::uuid[])`.execute(tx);
  const entryOf = new Map(known.rows.filter((row) => row.year === settings.year).map((row) => [row.householdId, row]));
  const entries = rows.flatMap((row): ToList[] => {
    const entry = entryOf.get(row.householdId);
    if (!entry) return [{ ...row, id: null, version: null, changes: true }];
    const changes = entry.removedOn !== null || entry.criteria.join() !== row.criteria.join();
    const same = entry.perCapitaFen === row.perCapitaFen && entry.beforePerCapitaFen === row.beforePerCapitaFen;
    return changes || !same ? [{ ...row, id: entry.id, version: entry.version, changes }] : [];
  });
  return { entries, last: rows.length < given.limit ? undefined : rows.at(-1) };
}

/** Writes entries in one statement. @returns those whose public state changed, with their new version; one that somebody else changed meanwhile is left for the next run */
export async function saveListed(
  tx: Tx<DB>,
  year: number,
  listedOn: string,
  entries: readonly ToList[],
): Promise<FocusHousehold[]> {
  if (entries.length === 0) return [];
  const { rows } = await sql<FocusHousehold & { changed: boolean }>`
    insert into monitoring.focus_household as f (id, household_id, region, year, criteria, per_capita_fen, before_per_capita_fen, listed_on, version)
    select id, household_id, region, ${year}, string_to_array(criteria, ','), per_capita_fen, before_per_capita_fen, ${listedOn}::date, version
    from unnest(${entries.map((entry) => entry.id ?? uuidv7())}::uuid[], ${entries.map((entry) => entry.householdId)}::uuid[],
      ${entries.map((entry) => entry.region)}::text[], ${entries.map((entry) => entry.criteria.join(","))}::text[],
      ${entries.map((entry) => entry.perCapitaFen)}::bigint[], ${entries.map((entry) => entry.beforePerCapitaFen)}::bigint[],
      ${entries.map((entry) => (entry.version ?? 0) + (entry.changes ? 1 : 0))}::bigint[])
      as row (id, household_id, region, criteria, per_capita_fen, before_per_capita_fen, version)
    on conflict (household_id, year) do update set criteria = excluded.criteria, per_capita_fen = excluded.per_capita_fen,
      before_per_capita_fen = excluded.before_per_capita_fen, listed_on = case when f.removed_on is null then f.listed_on else excluded.listed_on end,
      removed_on = null, removed_because = null, version = excluded.version
      where f.version = excluded.version - case when f.removed_on is not null or f.criteria <> excluded.criteria then 1 else 0 end
    returning ${columns}`.execute(tx);
  const changed = new Set(entries.filter((entry) => entry.changes).map((entry) => entry.householdId));
  return rows.filter((row) => changed.has(row.householdId));
}

/** Entries of the list for which no condition holds any more, or whose household left the population. */
export async function findToRemove(
  tx: Tx<DB>,
  settings: FocusSettings & { year: number },
  given: ListArea,
): Promise<(Place & { id: string; version: number; watched: boolean })[]> {
  const { rows } = await sql<Place & { id: string; version: number; watched: boolean }>`
    select f.region, f.household_id as "householdId", f.id, f.version, coalesce(y.watched, false) as watched
    from monitoring.focus_household f left join monitoring.income_year y on y.household_id = f.household_id and y.year = ${settings.baseYear}
    where f.year = ${settings.year} and f.removed_on is null and f.region >= ${given.area.lo} and f.region < ${given.area.hi}
      and (y.watched and ${isFocus(settings)}) is not true
      and ${given.householdId === undefined ? sql`true` : sql`f.household_id = ${given.householdId}::uuid`}
      and ${afterPlace(sql`f.region`, sql`f.household_id`, given.after)}
    order by f.region, f.household_id limit ${given.limit}`.execute(tx);
  return rows;
}

export async function saveRemoved(
  tx: Tx<DB>,
  removedOn: string,
  entries: readonly { id: string; version: number; watched: boolean }[],
): Promise<FocusHousehold[]> {
  if (entries.length === 0) return [];
  const { rows } = await sql<FocusHousehold>`update monitoring.focus_household f
    set criteria = '{}', removed_on = greatest(${removedOn}::date, f.listed_on), removed_because = gone.because, version = f.version + 1
    from unnest(${entries.map((entry) => entry.id)}::uuid[], ${entries.map((entry) => entry.version)}::bigint[],
      ${entries.map((entry) => (entry.watched ? "conditions-ended" : "not-watched"))}::text[]) as gone (id, version, because)
    where f.id = gone.id and f.version = gone.version and f.removed_on is null returning ${columns}`.execute(tx);
  return rows;
}

/** What a run of the job would change in an area: entries new, listed again or by other conditions; and entries that would go. */
export async function countPending(
  tx: Tx<DB>,
  settings: FocusSettings & { year: number },
  area: { lo: string; hi: string },
): Promise<{ toList: number; toRemove: number }> {
  const found = criteriaOf(settings);
  const { rows } = await sql<{ toList: number; toRemove: number }>`select
    (select count(*) from monitoring.income_year y left join monitoring.focus_household f on f.household_id = y.household_id and f.year = ${settings.year}
      where y.year = ${settings.baseYear} and y.watched and y.region >= ${area.lo} and y.region < ${area.hi} and ${isFocus(settings)}
        and (f.id is null or f.removed_on is not null or f.criteria <> ${found})) as "toList",
    (select count(*) from monitoring.focus_household f left join monitoring.income_year y on y.household_id = f.household_id and y.year = ${settings.baseYear}
      where f.year = ${settings.year} and f.removed_on is null and f.region >= ${area.lo} and f.region < ${area.hi}
        and (y.watched and ${isFocus(settings)}) is not true) as "toRemove"`.execute(tx);
  return rows[0] ?? { toList: 0, toRemove: 0 };
}

/** Entries of a year's list in order of village and household; `limit + 1` rows. */
export async function listFocus(
  tx: Tx<DB>,
  filter: ListArea & { year: number; criterion?: Criterion | undefined; removed: boolean },
): Promise<FocusHousehold[]> {
  const { rows } = await sql<FocusHousehold>`select ${columns} from monitoring.focus_household f
    where f.year = ${filter.year} and (f.removed_on is not null) = ${filter.removed} and f.region >= ${filter.area.lo} and f.region < ${filter.area.hi}
      and ${filter.criterion === undefined ? sql`true` : sql`${filter.criterion} = any (f.criteria)`}
      and ${afterPlace(sql`f.region`, sql`f.household_id`, filter.after)}
    order by f.region, f.household_id limit ${filter.limit + 1}`.execute(tx);
  return rows;
}

/** A household's entries, the newest year first. */
export async function focusOf(tx: Tx<DB>, householdId: string): Promise<FocusHousehold[]> {
  const { rows } =
    await sql<FocusHousehold>`select ${columns} from monitoring.focus_household f where f.household_id = ${householdId}::uuid
    order by f.year desc`.execute(tx);
  return rows;
}

/** The year's list counted: households, and by each condition. */
export async function countListed(
  tx: Tx<DB>,
  year: number,
): Promise<{ households: number; incomeFell: number; incomeLow: number; epidemicDrop: number }> {
  const { rows } = await sql<{
    households: number;
    incomeFell: number;
    incomeLow: number;
    epidemicDrop: number;
  }>`select count(*) as households,
      count(*) filter (where 'income-fell' = any (f.criteria)) as "incomeFell", count(*) filter (where 'income-low' = any (f.criteria)) as "incomeLow",
      count(*) filter (where 'epidemic-income-drop' = any (f.criteria)) as "epidemicDrop"
    from monitoring.focus_household f where f.year = ${year} and f.removed_on is null`.execute(tx);
  return rows[0] ?? { households: 0, incomeFell: 0, incomeLow: 0, epidemicDrop: 0 };
}
