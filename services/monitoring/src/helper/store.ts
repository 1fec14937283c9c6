import type { HelperState } from "@shouwang/contract";
import { type Keys, maskName, maskPhone, openRecord, sealRecord, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringHelper } from "../db.ts";
import type { Share } from "../share-indicator.ts";
import type { Helper } from "./decide.ts";

const fromRow = (row: Omit<Selectable<MonitoringHelper>, "secret">): Helper => ({
  id: row.id,
  caseId: row.case_id,
  householdId: row.household_id,
  region: row.region,
  subject: row.subject,
  nameMask: row.name_mask,
  phoneMask: row.phone_mask,
  // Safe, here and below: check constraints and the one writer of these columns hold them to the unions.
  relationship: row.relationship as Helper["relationship"],
  from: row.from_date,
  until: row.until_date,
  releasedBecause: row.released_because as Helper["releasedBecause"],
  version: row.version,
});

/** The helper's whole public state, as its events carry it: no name, no sign-in. */
export const stateOfHelper = (helper: Helper): z.input<typeof HelperState> => ({
  helperId: helper.id,
  caseId: helper.caseId,
  householdId: helper.householdId,
  region: helper.region,
  from: helper.from,
  until: helper.until,
  releasedBecause: helper.releasedBecause,
});

/** What is sealed of a helper. */
const HelperSecret = z.object({ name: z.string(), unit: z.string(), phone: z.string() });
export type HelperSecret = z.infer<typeof HelperSecret>;
const placeOf = (id: string) => ({ table: "monitoring.helper", id });

/** Stores a helper, name, unit and phone sealed, and lets that person see the household. */
export async function insertHelper(
  tx: Tx<DB>,
  keys: Keys,
  entry: Omit<Helper, "nameMask" | "phoneMask">,
  secret: HelperSecret,
  given: { by: string; at: Date },
): Promise<Helper> {
  const helper: Helper = { ...entry, nameMask: maskName(secret.name), phoneMask: maskPhone(secret.phone) };
  await tx
    .insertInto("monitoring.helper")
    .values({
      id: helper.id,
      case_id: helper.caseId,
      household_id: helper.householdId,
      region: helper.region,
      subject: helper.subject,
      secret: sealRecord(keys, placeOf(helper.id), secret),
      name_mask: helper.nameMask,
      phone_mask: helper.phoneMask,
      relationship: helper.relationship,
      from_date: helper.from,
      assigned_by: given.by,
      assigned_at: given.at,
    })
    .execute();
  await sql`insert into kit.assignment (id, kind, subject, household_id, region, valid_from)
    values (${helper.id}, 'helper', ${helper.subject}, ${helper.householdId}, ${helper.region}, ${helper.from}) on conflict do nothing`.execute(
    tx,
  );
  return helper;
}

/** Ends a helper's answering, and with it their sight of the household. */
export async function saveRelease(tx: Tx<DB>, helper: Helper): Promise<void> {
  await tx
    .updateTable("monitoring.helper")
    .set({ until_date: helper.until, released_because: helper.releasedBecause, version: helper.version })
    .where("id", "=", helper.id)
    .execute();
  await sql`update kit.assignment set valid_to = greatest(valid_from, ${helper.until}::date)
    where kind = 'helper' and subject = ${helper.subject} and household_id = ${helper.householdId} and valid_to is null`.execute(
    tx,
  );
}

const columns = [
  "id",
  "case_id",
  "household_id",
  "region",
  "subject",
  "name_mask",
  "phone_mask",
  "relationship",
  "from_date",
  "until_date",
  "released_because",
  "assigned_by",
  "assigned_at",
  "version",
] as const;

/** All helpers a case has had, the first one first. */
export async function helpersOf(tx: Tx<DB>, caseId: string): Promise<Helper[]> {
  const rows = await tx
    .selectFrom("monitoring.helper")
    .select(columns)
    .where("case_id", "=", caseId)
    .orderBy("from_date")
    .orderBy("id")
    .execute();
  return rows.map(fromRow);
}

export async function findHelper(tx: Tx<DB>, id: string): Promise<Helper | undefined> {
  const row = await tx.selectFrom("monitoring.helper").select(columns).where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

/** Opens a helper's sealed fields. The caller has recorded the purpose. */
export async function revealHelper(
  tx: Tx<DB>,
  keys: Keys,
  id: string,
): Promise<{ region: string; secret: HelperSecret } | undefined> {
  const row = await tx.selectFrom("monitoring.helper").select(["region", "secret"]).where("id", "=", id).executeTakeFirst();
  return row && { region: row.region, secret: openRecord(keys, placeOf(id), row.secret, HelperSecret) };
}

/**
 * M-04a: of the included cases whose limit has passed or that have a helper, those whose first helper answers from a day within it. `limitDays` stands in
 * where a case came without a clock.
 */
export async function helperShare(tx: Tx<DB>, given: { limitDays: number; today: string }): Promise<Share> {
  const { rows } =
    await sql<Share>`select count(*) filter (where helper_on <= due_on) as numerator, count(*) as denominator from (
      select c.status,
        coalesce((select min(d.due_at at time zone 'Asia/Shanghai')::date from kit.deadline d
          where d.kind = 'assign-helper' and d.entity = 'monitored-case' and d.entity_id = c.id::text), c.included_on + ${given.limitDays}::int) as due_on,
        (select min(h.from_date) from monitoring.helper h where h.case_id = c.id) as helper_on
      from monitoring.monitored_case c where c.included_on is not null) owed
    where helper_on is not null or (due_on < ${given.today}::date and status <> 'closed')`.execute(tx);
  return rows[0] ?? { numerator: 0, denominator: 0 };
}

/** Monitored households nobody answers for today. */
export async function countWithoutHelper(tx: Tx<DB>): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from monitoring.monitored_case c
    where c.status in ('included', 'helping', 'clearance-proposed')
      and not exists (select from monitoring.helper h where h.case_id = c.id and h.until_date is null)`.execute(tx);
  return rows[0]?.n ?? 0;
}
