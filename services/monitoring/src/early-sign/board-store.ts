import { addDays, type BusinessDate, startOfDay, type Tx } from "@shouwang/service-kit";
import { type RawBuilder, sql } from "kysely";
import type { DB } from "../db.ts";
import { unhelpedLate, unverifiedLate } from "../risk-lead/store.ts";

export const signs = [
  "households",
  "leads",
  "leadsBefore",
  "epidemicLeads",
  "included",
  "epidemicIncluded",
  "incomeDrops",
  "wageStops",
  "disasters",
  "unverifiedLate",
  "unhelpedLate",
  "belowLine",
  "alarms",
] as const;
/** What is counted of a division. */
export type Signs = Record<(typeof signs)[number], number>;

export type Asked = {
  area: { lo: string; hi: string };
  today: BusinessDate;
  windowDays: number;
  /** The monitoring line in fen; null while it is not loaded, when nobody can be said to be below it. */
  line: number | null;
  /** Only what carries the epidemic tag, or only what does not (G-02). */
  epidemic?: boolean | undefined;
};

/** Each sign as the rows it counts, `s` for short: a table and which of its rows. */
function rowsOf({ today, windowDays, line, epidemic }: Asked): Record<keyof Signs, RawBuilder<unknown>> {
  const first = addDays(today, 1 - windowDays);
  const from = startOfDay(first);
  const before = startOfDay(addDays(first, -windowDays));
  const tag = (tagged: RawBuilder<unknown>) => (epidemic === undefined ? sql`true` : sql`${tagged} = ${epidemic}::boolean`);
  const isEpidemic = sql`(s.epidemic or s.cause = 'epidemic')`;
  const leads = sql`monitoring.risk_lead s where s.status <> 'merged' and ${tag(isEpidemic)}`;
  const included = sql`monitoring.monitored_case s where s.included_on between ${first}::date and ${today}::date and ${tag(sql`s.epidemic`)}`;
  const found = sql`${leads} and s.found_at >= ${from}`;
  return {
    households: sql`monitoring.household_fact s where true`,
    leads: found,
    leadsBefore: sql`${leads} and s.found_at >= ${before} and s.found_at < ${from}`,
    epidemicLeads: sql`${found} and ${isEpidemic}`,
    included,
    epidemicIncluded: sql`${included} and s.epidemic`,
    incomeDrops: sql`monitoring.epidemic_drop s where s.confirmed and s.decided_on >= ${first}::date and ${tag(sql`true`)}`,
    wageStops: sql`monitoring.wage_stop s where s.from_date >= ${first}::date and ${tag(sql`s.epidemic`)}`,
    disasters: sql`monitoring.department_record s where s.kind = 'disaster-loss' and s.day >= ${first}::date and ${tag(sql`false`)}`,
    unverifiedLate: sql`${leads} and ${unverifiedLate(sql`s`)}`,
    unhelpedLate: sql`${leads} and ${unhelpedLate(sql`s`)}`,
    belowLine: belowLine(line),
    alarms: sql`monitoring.early_alarm s where s.status <> 'ended'`,
  };
}

/** The households helped already are two sets, each read once (see `unverifiedLate`). */
const belowLine = (line: number | null) => sql`monitoring.household_fact s
  where s.lifted = 1 and s.monitored = 0 and s.annual_per_capita_fen < ${line}::bigint
    and (s.household_id in (select o.household_id from monitoring.risk_lead o where o.status in ('registered', 'dispatched', 'verified'))) is not true
    and (s.household_id in (select c.household_id from monitoring.monitored_case c where c.status not in ('refused', 'cleared', 'closed'))) is not true`;

export type BelowLine = { householdId: string; region: string; perCapitaFen: number };

/** The lifted households below the line whom nobody helps, in order of their id; `limit + 1` rows. */
export async function listBelowLine(
  tx: Tx<DB>,
  asked: { area: { lo: string; hi: string }; line: number | null; after: string | undefined; limit: number },
): Promise<BelowLine[]> {
  const { rows } =
    await sql<BelowLine>`select s.household_id as "householdId", s.region, s.annual_per_capita_fen as "perCapitaFen"
    from ${belowLine(asked.line)} and s.region >= ${asked.area.lo} and s.region < ${asked.area.hi}
      and (${asked.after ?? null}::uuid is null or s.household_id > ${asked.after ?? null}::uuid)
    order by s.household_id limit ${asked.limit + 1}`.execute(tx);
  return rows;
}

/**
 * G-01: early signs by division, in order of its code: never by how many it found. Leads, inclusions, losses are those of the window; what stands late, below
 * the line or in alarm is of today. Below the line is a lifted household whose newest yearly income per head is, with no case and no open lead about it.
 * @param digits of the code that make the division; 0 is the area as a whole
 */
export async function countSigns(tx: Tx<DB>, asked: Asked, digits: number): Promise<(Signs & { place: string })[]> {
  const rows = rowsOf(asked);
  const counts = signs.map(
    (sign) => sql`select ${sign}::text as sign, left(s.region, ${digits}::int) as place, count(*) as n
      from ${rows[sign]} and s.region >= ${asked.area.lo} and s.region < ${asked.area.hi} group by 2`,
  );
  const { rows: places } = await sql<{
    place: string;
    counted: Partial<Signs>;
  }>`select place, jsonb_object_agg(sign, n) as counted
    from (${sql.join(counts, sql` union all `)}) as each group by place order by place`.execute(tx);
  return places.map(({ place, counted }) => ({ ...none, ...counted, place }));
}

// Safe: each of the signs has its key.
const none = Object.fromEntries(signs.map((sign) => [sign, 0])) as Signs;

/** The same of the area as a whole. */
export async function signsOfArea(tx: Tx<DB>, asked: Asked): Promise<Signs> {
  const [all] = await countSigns(tx, asked, 0);
  return all ?? none;
}
