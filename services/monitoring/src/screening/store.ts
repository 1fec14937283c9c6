import { rangeOf } from "@shouwang/regions";
import type { Tx } from "@shouwang/service-kit";
import { type RawBuilder, sql } from "kysely";
import type { DB } from "../db.ts";
import { factsOf, type Settings } from "./expression.ts";
import { type Condition, conditionSql, settingsSql } from "./expression-store.ts";
import { gravitySql } from "./fact-store.ts";
import { type FactName, factDefinitions } from "./facts.ts";
import type { Rule } from "./rules.ts";

/** The bounds of a division, and where a page goes on: households are read by place and id. */
export type Place = { region: string; householdId: string };
export type Area = { region: string; after?: Place | undefined };

/** How many households of an area are screened. */
export async function countHouseholds(tx: Tx<DB>, region: string): Promise<number> {
  const { rows } = await sql<{
    n: number;
  }>`select count(*) as n from monitoring.household_fact f where ${within(region)}`.execute(tx);
  return rows[0]?.n ?? 0;
}

/** Locks households in order of their id, so that two runs never wait for each other in a circle. */
export async function lockHouseholds(tx: Tx<DB>, householdIds: readonly string[]): Promise<void> {
  await sql`select from monitoring.household where id = any(${[...householdIds]}::uuid[]) order by id for no key update`.execute(
    tx,
  );
}

/** By household, the hashes of the facts on which its leads were found to be false. */
export async function loadFoundFalse(tx: Tx<DB>, householdIds: readonly string[]): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  if (householdIds.length === 0) return found;
  const { rows } = await sql<{ household_id: string; hash: string }>`select household_id, encode(facts_hash, 'hex') as hash
    from monitoring.false_lead where household_id = any(${[...householdIds]}::uuid[])`.execute(tx);
  for (const row of rows) found.set(row.household_id, (found.get(row.household_id) ?? new Set()).add(row.hash));
  return found;
}

export async function insertFalseLead(
  tx: Tx<DB>,
  entry: { householdId: string; region: string; ruleCode: string; factsHash: string; leadId: string; at: Date },
): Promise<void> {
  await tx
    .insertInto("monitoring.false_lead")
    .values({
      household_id: entry.householdId,
      region: entry.region,
      rule_code: entry.ruleCode,
      facts_hash: Buffer.from(entry.factsHash, "hex"),
      lead_id: entry.leadId,
      at: entry.at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Rules with the settings of the counties they are asked in, as SQL. */
export type RulesSql = { join: RawBuilder<unknown>; conditions: Condition[] };

export function rulesSql(
  rules: readonly Pick<Rule, "when" | "region">[],
  byCounty: ReadonlyMap<string, Settings>,
  day: string,
  alias = "p",
): RulesSql {
  const settings = settingsSql(
    byCounty,
    rules.map((rule) => rule.when),
    alias,
  );
  const conditions = rules.map(({ when, region }): Condition => {
    const condition = conditionSql(when, settings, day);
    return rangeOf(region).lo === wholeRegion ? condition : sql`(${within(region)} and ${condition})`;
  });
  return { join: settings.join, conditions };
}
const wholeRegion = "45";

/** A household's place lies in a division; of the whole region nothing is asked, so that no index is gone through for nothing. */
function within(region: string): Condition {
  const { lo, hi } = rangeOf(region);
  return lo === wholeRegion ? sql`true` : sql`(f.region >= ${lo} and f.region < ${hi})`;
}

export const anyOf = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` or `)})`;

/** True where one condition is and the other is not: it is false, or unknown. */
export const trueButNot = (one: Condition, other: Condition): Condition => sql`(${one} and ${other} is not true)`;
export const bothJoins = (one: RawBuilder<unknown>, other: RawBuilder<unknown>): RawBuilder<unknown> => sql`${one} ${other}`;

/** The next households, by place and id, for which a condition over their facts is true. */
export async function pageOfHouseholds(
  tx: Tx<DB>,
  query: { join: RawBuilder<unknown>; condition: Condition },
  area: Area & { limit: number },
): Promise<Place[]> {
  const after = area.after
    ? sql`and (f.region, f.household_id) > (${area.after.region}, ${area.after.householdId}::uuid)`
    : sql``;
  const { rows } =
    await sql<Place>`select f.household_id as "householdId", f.region from monitoring.household_fact f ${query.join}
    where ${within(area.region)} ${after} and ${query.condition} order by f.region, f.household_id limit ${area.limit}`.execute(
      tx,
    );
  return rows;
}

/** `lead`: a new lead; `joins`: adds to an open one; `known` and `known-false` as in `Screened`. */
export type Outcome = "lead" | "joins" | "known" | "known-false";
export type FindingCount = { township: string; rule: number; outcome: Outcome; findings: number };

/** What `screen` would say of every household of an area, counted by township (nine digits), rule (its place in the list) and outcome, in one statement. */
export async function countFindings(
  tx: Tx<DB>,
  rules: readonly Rule[],
  query: RulesSql,
  region: string,
): Promise<FindingCount[]> {
  if (rules.length === 0) return [];
  const codes = rules.map(({ code }) => code);
  const held = query.conditions.map((condition, ord) => sql`case when ${condition} then ${sql.lit(ord)} end`);
  const hashes = rules.map((rule) => sql`when ${rule.code} then ${hashSql(rule)}`);
  const { rows } = await sql<FindingCount>`with hit as materialized (
      select f.household_id, f.region, array_remove(array[${sql.join(held)}]::int[], null) as held from monitoring.household_fact f ${query.join}
      where ${within(region)} and ${anyOf(query.conditions)}
    ), rule as (select * from unnest(${codes.map((_, ord) => ord)}::int[], ${codes}::text[], ${rules.map(({ cause }) => cause)}::text[], ${rules.map(({ severity }) => severity)}::text[])
        as t (ord, code, cause, severity)
    ), each as (
      select h.household_id, h.region, r.ord, r.code, r.cause, ${gravitySql(sql`r.severity`)} as gravity
      from hit h cross join lateral unnest(h.held) as u (ord) join rule r on r.ord = u.ord
    ), in_case as (
      select distinct c.household_id, cause from monitoring.monitored_case c, unnest(c.risks) as cause where c.status not in ('refused', 'cleared', 'closed')
    ), met as (
      select l.household_id, l.cause, max(${gravitySql(sql`l.severity`)}) as gravity from monitoring.risk_lead l
      where l.status = 'verified' and not exists (select from monitoring.monitored_case c where c.lead_id = l.id) group by l.household_id, l.cause
    ), found_false as (
      select fl.household_id, fl.rule_code from monitoring.false_lead fl left join monitoring.household_fact_source s on s.household_id = fl.household_id
      where fl.facts_hash = case fl.rule_code ${sql.join(hashes, sql` `)} end
    ), found as (
      select e.household_id, e.region, e.cause, bool_or(i.household_id is not null) as is_known, max(m.gravity) as met,
        max(e.gravity) filter (where ff.household_id is null) as gravity,
        (array_agg(e.ord order by ff.household_id is not null, e.gravity desc, e.ord))[1] as ord
      from each e left join in_case i on i.household_id = e.household_id and i.cause = e.cause
        left join met m on m.household_id = e.household_id and m.cause = e.cause
        left join found_false ff on ff.household_id = e.household_id and ff.rule_code = e.code
      group by e.household_id, e.region, e.cause
    )
    select left(found.region, 9) as township, found.ord as rule, count(*) as findings,
      case when is_known then 'known' when gravity is null then 'known-false' when met >= gravity then 'known' when o.id is not null then 'joins' else 'lead' end as outcome
    from found left join monitoring.risk_lead o on o.household_id = found.household_id and o.cause = found.cause and o.status in ('registered', 'dispatched')
    group by 1, 2, 4`.execute(tx);
  return rows;
}

/** `factsHash` as SQL over `household_fact_source s`. */
function hashSql(rule: Rule): RawBuilder<unknown> {
  const marks = marksOf(rule).map(
    ([name, source]) => sql`${`["${name}","`} || coalesce(s.sources -> ${source}::text ->> 2, 'none') || '"]'`,
  );
  return sql`sha256(convert_to(${`["${rule.code}",[`} || ${sql.join(marks, sql` || ',' || `)} || ']]', 'UTF8'))`;
}
const marksOf = (rule: Rule): [FactName, string][] =>
  factsOf(rule.when)
    .sort()
    .map((name) => [name, factDefinitions[name].source]);

/** How many households of an area satisfy a condition before and after a change, by county (six digits). */
export type Change = { county: string; before: number; after: number; added: number; removed: number };

export async function countChange(
  tx: Tx<DB>,
  query: { join: RawBuilder<unknown>; before: Condition; after: Condition },
  region: string,
): Promise<Change[]> {
  const { rows } =
    await sql<Change>`select left(region, 6) as county, count(*) filter (where before) as before, count(*) filter (where after) as after,
      count(*) filter (where after and not before) as added, count(*) filter (where before and not after) as removed
    from (select f.region, coalesce(${query.before}, false) as before, coalesce(${query.after}, false) as after
      from monitoring.household_fact f ${query.join} where ${within(region)}) each
    where before or after group by 1 order by 1`.execute(tx);
  return rows;
}

/** The masked names of the heads of some households. */
export async function headsOf(tx: Tx<DB>, householdIds: readonly string[]): Promise<Map<string, string>> {
  if (householdIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom("monitoring.person")
    .select(["household_id", "name_mask"])
    .where("household_id", "in", householdIds)
    .where("relation", "=", "head")
    .where("status", "=", "member")
    .execute();
  return new Map(rows.flatMap((row) => (row.household_id === null ? [] : [[row.household_id, row.name_mask]])));
}
