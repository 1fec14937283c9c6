import { rangeOf } from "@shouwang/regions";
import type { BusinessDate, Tx } from "@shouwang/service-kit";
import { type RawBuilder, sql } from "kysely";
import type { DB, MonitoringHouseholdFact } from "../db.ts";
import { factSql } from "./expression-store.ts";
import { type FactName, factDefinitions, factNames, type HouseholdFacts, type KnownFact } from "./facts.ts";

/** Works out anew the facts of these households that change with the day and whose day has come. */
export async function refreshDue(tx: Tx<DB>, householdIds: readonly string[], day: BusinessDate): Promise<void> {
  await sql`select monitoring.refresh_facts(array(select household_id from monitoring.household_fact
    where household_id = any(${[...householdIds]}::uuid[]) and next_change_on <= ${day}))`.execute(tx);
}

/** The same for whatever is due in the caller's area, up to a limit. @returns how many were due */
export async function refreshNext(tx: Tx<DB>, region: string, day: BusinessDate, limit: number): Promise<number> {
  const { lo, hi } = rangeOf(region);
  const { rows } = await sql<{ id: string }>`select household_id as id from monitoring.household_fact
    where next_change_on <= ${day} and region >= ${lo} and region < ${hi} order by next_change_on limit ${limit}`.execute(tx);
  const ids = rows.map((row) => row.id);
  if (ids.length > 0) await sql`select monitoring.refresh_facts(${ids}::uuid[])`.execute(tx);
  return ids.length;
}

/** How many households of an area have facts that wait to be worked out anew. */
export async function countDue(tx: Tx<DB>, region: string, day: BusinessDate): Promise<number> {
  const { lo, hi } = rangeOf(region);
  const { rows } = await sql<{ n: number }>`select count(*) as n from monitoring.household_fact
    where next_change_on <= ${day} and region >= ${lo} and region < ${hi}`.execute(tx);
  return rows[0]?.n ?? 0;
}

type FactRow = Record<keyof MonitoringHouseholdFact, number | string | null> & {
  household_id: string;
  region: string;
  sources: Record<string, [source: string, date: string | null, mark: string | number]> | null;
  known_causes: string[];
  verified: Record<string, string> | null;
};

/** The facts of some households as they are on a day, with their sources and with what is known of them already, in one query. */
export async function loadFacts(tx: Tx<DB>, householdIds: readonly string[], day: BusinessDate): Promise<HouseholdFacts[]> {
  if (householdIds.length === 0) return [];
  const ids = [...householdIds];
  const valueColumns = sql.join(factNames.map((name) => sql`${factSql(name, day)} as ${sql.ref(factDefinitions[name].column)}`));
  const { rows } = await sql<FactRow>`select f.household_id, f.region, s.sources, ${valueColumns},
      coalesce(c.causes, '{}') as known_causes, l.verified
    from monitoring.household_fact f
    left join monitoring.household_fact_source s on s.household_id = f.household_id
    left join (select c.household_id, array_agg(distinct cause) as causes from monitoring.monitored_case c, unnest(c.risks) as cause
      where c.household_id = any(${ids}::uuid[]) and c.status not in ('refused', 'cleared', 'closed') group by c.household_id) c on c.household_id = f.household_id
    left join (select l.household_id, jsonb_object_agg(l.cause, l.severity order by ${gravitySql(sql`l.severity`)}) as verified from monitoring.risk_lead l
      where l.household_id = any(${ids}::uuid[]) and l.status = 'verified' and not exists (select from monitoring.monitored_case c where c.lead_id = l.id)
      group by l.household_id) l on l.household_id = f.household_id
    where f.household_id = any(${ids}::uuid[]) order by f.region, f.household_id`.execute(tx);
  return rows.map((row) => ({
    householdId: row.household_id,
    region: row.region,
    knownCauses: row.known_causes,
    verified: row.verified ?? {},
    // Safe: every fact's name is a key of what is made here.
    facts: Object.fromEntries(factNames.map((name) => [name, knownFact(name, row)])) as Record<FactName, KnownFact>,
  }));
}

function knownFact(name: FactName, row: FactRow): KnownFact {
  const { column, source } = factDefinitions[name];
  const value = row[column];
  const [from, date, mark] = row.sources?.[source] ?? [source, null, "none"];
  return { value: typeof value === "number" ? value : null, source: from, date, mark: String(mark) };
}

/** How grave a severity is, as SQL. */
export const gravitySql = (severity: RawBuilder<unknown>) =>
  sql`case ${severity} when 'severe' then 2 when 'general' then 1 else 0 end`;
