import type { Month } from "@shouwang/contract";
import { findParameter, targets } from "@shouwang/plan";
import { prefixOf, type RegionCode, rangeOf } from "@shouwang/regions";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { type BusinessDate, endOfDay, lastDayOf, monthOf } from "./calendar.ts";
import type { Executor, Tx } from "./database.ts";
import type { IndicatorValue, LiveClause, Service } from "./declare.ts";
import { type TargetState, targetOf } from "./indicator-decide.ts";
import { issuedTargetFor, parameterFor } from "./parameter.ts";
import { boundsOf, type Principal, system } from "./principal.ts";

/** A figure with what it is to reach. */
export type Figure = IndicatorValue & { region: RegionCode; targetState: TargetState };

export type Snapshot = {
  id: string;
  code: string;
  clause: string;
  region: RegionCode;
  month: Month;
  revision: number;
  title: IndicatorValue["title"];
  unit: string;
  value: number | null;
  numerator: number | null;
  denominator: number | null;
  target: number | null;
  direction: IndicatorValue["direction"];
  list: string | null;
  asOf: Date;
  document: string | null;
  reason: string | null;
};

const liveClauses = <Db>(service: Service<Db>): readonly LiveClause<Db>[] =>
  service.slices.flatMap((slice) => slice.clauses ?? []);

/**
 * The figures of a division as they are now, or as they are to be frozen for a month that has passed. The transaction sees that division alone meanwhile, and
 * what it saw before afterwards.
 */
export async function figuresOf<Db>(
  tx: Tx<Db>,
  service: Service<Db>,
  caller: Principal,
  region: RegionCode,
  at: { now: Date; today: BusinessDate },
): Promise<Figure[]> {
  const actor: Principal = { ...caller, region: prefixOf(region) };
  const { lo, hi } = rangeOf(region);
  await setArea(tx, lo, hi);
  const values: IndicatorValue[] = [];
  for (const { read } of liveClauses(service)) values.push(...(await read({ tx, actor, ...at })));
  const wide = boundsOf(caller);
  await setArea(tx, wide.lo, wide.hi);
  const figures: Figure[] = [];
  for (const value of values) figures.push(await withTarget(tx, value, region, at.today));
  return figures;
}

const setArea = async (tx: Executor, lo: string, hi: string) => {
  await sql`select set_config('sw.lo', ${lo}, true), set_config('sw.hi', ${hi}, true)`.execute(tx);
};

async function withTarget(tx: Executor, value: IndicatorValue, region: RegionCode, today: BusinessDate): Promise<Figure> {
  const target = targets.find(({ code }) => code === value.code)?.target;
  const key = typeof target === "object" && "baseline" in target ? findParameter(target.parameter)?.key : undefined;
  // An earlier figure is a division's own, and is never handed down to those below it.
  const found = key === undefined ? undefined : await parameterFor(tx, key, region, today);
  const earlier = found?.region === region ? found.value : null;
  const baseline =
    typeof earlier === "number" || (typeof earlier === "object" && earlier !== null && "numerator" in earlier) ? earlier : null;
  const issued = await issuedTargetFor(tx, value.code, region, today);
  const targetState = targetOf(value, region, { issued, baseline });
  const inForce = typeof targetState === "string" ? undefined : targetState;
  return {
    ...value,
    region,
    target: inForce?.value ?? null,
    direction: inForce?.direction ?? value.direction,
    targetState,
  };
}

/** The day and moment a month's figures are of: now in the present month, its last day once it has passed. */
export function momentOf(month: Month, now: Date, today: BusinessDate): { now: Date; today: BusinessDate } {
  if (month >= monthOf(today)) return { now, today };
  const last = lastDayOf(month);
  return { now: endOfDay(last), today: last };
}

/** Writes a month's preliminary figures over those that stand there; what is frozen stays. */
export async function keepPreliminary(tx: Executor, month: Month, figures: readonly Figure[]): Promise<number> {
  let kept = 0;
  for (const figure of figures) {
    const written = await insertSnapshot(tx, { ...rowOf(figure, month), revision: 0 }, true);
    kept += Number(written);
  }
  return kept;
}

/**
 * Freezes a month's figures of one division: those counted over the month as they are with what came in until the lock, those of a moment as they stood when
 * the month ended. What is frozen already stays.
 */
export async function freeze(tx: Executor, month: Month, figures: readonly Figure[]): Promise<Snapshot[]> {
  const frozen: Snapshot[] = [];
  for (const figure of figures) {
    const preliminary = await findSnapshot(tx, figure.code, figure.region, month);
    if (preliminary && preliminary.revision > 0) continue;
    const stands = preliminary !== undefined && figure.period !== month;
    const row: Snapshot = stands ? { ...preliminary, id: uuidv7(), revision: 1 } : { ...rowOf(figure, month), revision: 1 };
    if (await insertSnapshot(tx, row, false)) frozen.push(row);
  }
  return frozen;
}

const rowOf = (figure: Figure, month: Month): Snapshot => ({
  id: uuidv7(),
  code: figure.code,
  clause: figure.clause,
  region: figure.region,
  month,
  revision: 0,
  title: figure.title,
  unit: figure.unit,
  value: figure.value,
  numerator: figure.numerator ?? null,
  denominator: figure.denominator ?? null,
  target: figure.target,
  direction: figure.direction,
  list: figure.list ?? null,
  asOf: new Date(figure.asOf),
  document: null,
  reason: null,
});

/** @param over whether a preliminary figure that stands there is written over, unless the month is frozen */
export async function insertSnapshot(tx: Executor, row: Snapshot & { by?: string }, over: boolean): Promise<boolean> {
  const onConflict = over
    ? sql`(code, region, month, revision) do update set title = excluded.title, unit = excluded.unit, value = excluded.value, numerator = excluded.numerator,
        denominator = excluded.denominator, target = excluded.target, direction = excluded.direction, list = excluded.list, as_of = excluded.as_of`
    : sql`(code, region, month, revision) do nothing`;
  const result =
    await sql`insert into kit.indicator_snapshot (id, code, clause, region, month, revision, title, unit, value, numerator, denominator,
      target, direction, list, as_of, document, reason, corrected_by)
    select ${row.id}, ${row.code}, ${row.clause}, ${row.region}, ${row.month}, ${row.revision}, ${JSON.stringify(row.title)}::jsonb, ${row.unit}, ${row.value},
      ${row.numerator}, ${row.denominator}, ${row.target}, ${row.direction}, ${row.list}, ${row.asOf}, ${row.document}, ${row.reason}, ${row.by ?? null}
    where ${row.revision} > 0 or not exists (select from kit.indicator_snapshot s
      where s.code = ${row.code} and s.region = ${row.region} and s.month = ${row.month} and s.revision > 0)
    on conflict ${onConflict}`.execute(tx);
  return result.numAffectedRows === 1n;
}

const columns = sql`id, code, clause, region, month, revision, title, unit, value, numerator, denominator, target, direction, list,
  as_of as "asOf", document, reason`;

/** A month's figure of a division as it stands: its last correction, else as frozen, else preliminary. */
export async function findSnapshot(tx: Executor, code: string, region: string, month: string): Promise<Snapshot | undefined> {
  const { rows } = await sql<Snapshot>`select ${columns} from kit.indicator_snapshot
    where code = ${code} and region = ${region} and month = ${month} order by revision desc limit 1`.execute(tx);
  return rows[0];
}

/** The figures of some months and divisions as they stand, in order of code, division and month. */
export async function listSnapshots(
  tx: Executor,
  filter: { code?: string | undefined; regions: readonly string[]; from: string; to: string },
): Promise<Snapshot[]> {
  const { rows } = await sql<Snapshot>`select distinct on (code, region, month) ${columns} from kit.indicator_snapshot
    where region = any(${[...filter.regions]}::text[]) and month between ${filter.from} and ${filter.to}
      and (${filter.code ?? null}::text is null or code = ${filter.code ?? null})
    order by code, region, month, revision desc`.execute(tx);
  return rows;
}

/** Whether any figure of this code was ever kept. */
export async function isKept(tx: Executor, code: string): Promise<boolean> {
  const { rows } = await sql`select 1 from kit.indicator_snapshot where code = ${code} limit 1`.execute(tx);
  return rows.length > 0;
}

/** Months with preliminary figures that were never frozen, the oldest first. */
export async function unfrozenMonths(tx: Executor, before: Month): Promise<Month[]> {
  const { rows } = await sql<{
    month: Month;
  }>`select distinct month from kit.indicator_snapshot s where revision = 0 and month < ${before}
    and not exists (select from kit.indicator_snapshot f where f.code = s.code and f.region = s.region and f.month = s.month and f.revision > 0)
    order by month`.execute(tx);
  return rows.map(({ month }) => month);
}

export const indicatorPrincipal = system("indicators");
