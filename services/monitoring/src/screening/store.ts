import type { BusinessDate, Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import { factDefinitions, type HouseholdFacts, twelveMonthsTo } from "./facts.ts";

const { medicalSelfPaidFen, annualNetIncomeFen } = factDefinitions;

type FactRow = {
  id: string;
  region: string;
  known_causes: string[];
  medical_self_paid_fen: number;
  last_bill_on: string | null;
  last_bill_source: string | null;
  bill_mark: string | null;
  annual_net_income_fen: number | null;
  income_until: string | null;
  income_mark: string | null;
};

/** The facts of some households as they are on a day, in one query. Households that have merged, split or closed are left out. */
export async function loadFacts(tx: Tx<DB>, householdIds: readonly string[], day: BusinessDate): Promise<HouseholdFacts[]> {
  if (householdIds.length === 0) return [];
  const { from, until } = twelveMonthsTo(day);
  const { rows } = await sql<FactRow>`select h.id, h.region,
      array(select unnest(c.risks) from monitoring.monitored_case c where c.household_id = h.id and c.status not in ('refused', 'cleared', 'closed')
        union select l.cause from monitoring.risk_lead l where l.household_id = h.id and l.status = 'verified'
          and not exists (select from monitoring.monitored_case c where c.lead_id = l.id)) as known_causes,
      cost.self_paid_fen as ${sql.ref(medicalSelfPaidFen.column)}, cost.last_on as last_bill_on, bill.source as last_bill_source, bill.id as bill_mark,
      income.net_fen as ${sql.ref(annualNetIncomeFen.column)}, income.until_date as income_until, income.id || ' ' || income.version as income_mark
    from monitoring.household h
    cross join lateral (select coalesce(sum(b.self_paid_fen), 0)::bigint as self_paid_fen, max(b.settled_on) as last_on from monitoring.medical_bill b
      where b.household_id = h.id and b.settled_on between ${from} and ${until}) cost
    left join lateral (select b.id, f.department || ' ' || f.document as source from monitoring.medical_bill b
      join monitoring.feed f on f.id = b.feed_id where b.household_id = h.id order by b.id desc limit 1) bill on true
    left join lateral (select i.id, i.net_fen, i.until_date, i.version from monitoring.household_income i
      where i.household_id = h.id and i.kind = 'annual' order by i.until_date desc, i.id desc limit 1) income on true
    where h.id = any(${householdIds}::uuid[]) and h.status in ('active', 'moving') order by h.id`.execute(tx);
  return rows.map((row) => ({
    householdId: row.id,
    region: row.region,
    knownCauses: row.known_causes,
    facts: {
      medicalSelfPaidFen: {
        value: row.medical_self_paid_fen,
        source: row.last_bill_source ?? "medical-bills",
        date: row.last_bill_on,
        mark: row.bill_mark ?? "none",
      },
      annualNetIncomeFen: {
        value: row.annual_net_income_fen,
        source: "household-income",
        date: row.income_until,
        mark: row.income_mark ?? "none",
      },
    },
  }));
}

/** Locks households in order of their id, so that two runs never wait for each other in a circle. */
export async function lockHouseholds(tx: Tx<DB>, householdIds: readonly string[]): Promise<void> {
  await tx.selectFrom("monitoring.household").select("id").where("id", "in", householdIds).orderBy("id").forUpdate().execute();
}

/** By household, the hashes of the facts on which its leads were found to be false. */
export async function loadFoundFalse(tx: Tx<DB>, householdIds: readonly string[]): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  if (householdIds.length === 0) return found;
  const rows = await tx
    .selectFrom("monitoring.false_lead")
    .select(["household_id", "facts_hash"])
    .where("household_id", "in", householdIds)
    .execute();
  for (const row of rows) {
    const hashes = found.get(row.household_id) ?? new Set();
    found.set(row.household_id, hashes.add(row.facts_hash.toString("hex")));
  }
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

/** Households of the caller's area that the rules can say anything of: those with a bill in the twelve months, in order of their id. */
export async function listCandidates(
  tx: Tx<DB>,
  filter: { day: BusinessDate; range?: { lo: string; hi: string } | undefined; after: string | undefined; limit: number },
): Promise<string[]> {
  const { from, until } = twelveMonthsTo(filter.day);
  let query = tx
    .selectFrom("monitoring.medical_bill")
    .select("household_id")
    .distinct()
    .where("settled_on", ">=", from)
    .where("settled_on", "<=", until)
    .orderBy("household_id")
    .limit(filter.limit);
  if (filter.range) query = query.where("region", ">=", filter.range.lo).where("region", "<", filter.range.hi);
  if (filter.after) query = query.where("household_id", ">", filter.after);
  return (await query.execute()).map((row) => row.household_id);
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
