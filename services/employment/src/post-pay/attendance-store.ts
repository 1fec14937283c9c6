import { firstDayOf, lastDayOf, type Tx } from "@shouwang/service-kit";
import { type RawBuilder, sql } from "kysely";
import type { DB } from "../db.ts";

export type Attendance = {
  postHolderId: string;
  postId: string;
  personId: string;
  region: string;
  nameMask: string | null;
  mode: string;
  unitsPerMonth: number;
  units: number | null;
  checkedOn: string | null;
};

/** Holders `h` who were at a post on a day of the month. */
export const heldIn = (month: string): RawBuilder<boolean> => sql<boolean>`h.status in ('active', 'suspended', 'left')
  and h.from_date <= ${lastDayOf(month)}::date and coalesce(h.until_date, h.agreement_until) >= ${firstDayOf(month)}::date`;

/** A month's holders of an area with what was recorded of them, in order of the holder's id; `limit + 1` rows. */
export async function listAttendance(
  tx: Tx<DB>,
  asked: { area: { lo: string; hi: string }; month: string; open: boolean | undefined; after: string | undefined; limit: number },
): Promise<Attendance[]> {
  const { rows } =
    await sql<Attendance>`select h.id as "postHolderId", h.post_id as "postId", h.person_id as "personId", h.region,
      (select i.name_mask from employment.person_identity i where i.person_id = h.person_id) as "nameMask",
      p.mode, p.units_per_month as "unitsPerMonth", a.units, a.checked_on as "checkedOn"
    from employment.post_holder h join employment.public_welfare_post p on p.id = h.post_id
      left join employment.post_attendance a on a.holder_id = h.id and a.month = ${asked.month}
    where h.region >= ${asked.area.lo} and h.region < ${asked.area.hi} and ${heldIn(asked.month)}
      and (${asked.open ?? null}::boolean is null or (a.checked_on is null) = ${asked.open ?? null})
      and (${asked.after ?? null}::uuid is null or h.id > ${asked.after ?? null}::uuid) order by h.id limit ${asked.limit + 1}`.execute(
      tx,
    );
  return rows;
}

/** What of these holders is known for a month: those of the caller's area who were at a post in it, and whether their attendance was checked. */
export async function holdersFor(tx: Tx<DB>, month: string, ids: readonly string[]) {
  const { rows } = await sql<{ id: string; mode: string; unitsPerMonth: number; checked: boolean }>`
    select h.id, p.mode, p.units_per_month as "unitsPerMonth", coalesce(a.checked_on is not null, false) as checked
    from employment.post_holder h join employment.public_welfare_post p on p.id = h.post_id
      left join employment.post_attendance a on a.holder_id = h.id and a.month = ${month}
    where h.id = any(${[...ids]}::uuid[]) and ${heldIn(month)}`.execute(tx);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Writes what holders did in a month, over what nobody has checked yet. */
export async function recordUnits(
  tx: Tx<DB>,
  given: { month: string; rows: readonly { postHolderId: string; units: number }[]; by: string; on: string },
): Promise<void> {
  await sql`insert into employment.post_attendance as kept (holder_id, month, person_id, household_id, region, units, recorded_by, recorded_on)
    select h.id, ${given.month}, h.person_id, h.household_id, h.region, row.units, ${given.by}, ${given.on}::date
    from jsonb_to_recordset(${JSON.stringify(given.rows)}::jsonb) as row ("postHolderId" uuid, units integer)
      join employment.post_holder h on h.id = row."postHolderId"
    on conflict (holder_id, month) do update set units = excluded.units, recorded_by = excluded.recorded_by, recorded_on = excluded.recorded_on
      where kept.checked_on is null`.execute(tx);
}

/**
 * Checks everything recorded for a month in an area, or of some holders, that waits; what the same person recorded stays open.
 * @returns how many were checked, and how many were left
 */
export async function checkUnits(
  tx: Tx<DB>,
  given: { month: string; area: { lo: string; hi: string }; ids: readonly string[] | undefined; by: string; on: string },
): Promise<{ checked: number; own: number }> {
  const chosen = sql`a.month = ${given.month} and a.region >= ${given.area.lo} and a.region < ${given.area.hi} and a.checked_on is null
    ${given.ids ? sql`and a.holder_id = any(${[...given.ids]}::uuid[])` : sql``}`;
  const own = await sql<{ n: number }>`select count(*)::int as n from employment.post_attendance a
    where ${chosen} and a.recorded_by = ${given.by}`.execute(tx);
  const done = await sql`update employment.post_attendance a set checked_by = ${given.by}, checked_on = ${given.on}::date
    where ${chosen} and a.recorded_by <> ${given.by}`.execute(tx);
  return { checked: Number(done.numAffectedRows ?? 0n), own: own.rows[0]?.n ?? 0 };
}

/** Opens checked attendance again where no pay of the month stands on it. @returns the holders */
export async function reopenUnits(tx: Tx<DB>, month: string, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`update employment.post_attendance a set checked_by = null, checked_on = null
    where a.month = ${month} and a.holder_id = any(${[...ids]}::uuid[]) and a.checked_on is not null
      and not exists (select from employment.post_pay y where y.person_id = a.person_id and y.month = a.month and y.status not in ('rejected', 'held'))
    returning a.holder_id as id`.execute(tx);
  return rows.map(({ id }) => id);
}
