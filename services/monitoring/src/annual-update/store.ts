import type { Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringAnnualUpdate } from "../db.ts";
import { afterPlace, type Place } from "../focus-household/condition-store.ts";
import type { Signature } from "../household-income/signature.ts";

const Figures = z.object({ households: z.int(), confirmed: z.int() });
export type AnnualUpdate = {
  id: string;
  /** Six digits: every township and village of the county reads it. */
  county: string;
  year: number;
  status: "open" | "closed";
  openedOn: string;
  closesOn: string;
  closedOn: string | null;
  figures: z.infer<typeof Figures> | null;
  version: number;
};

const fromRow = (row: Selectable<MonitoringAnnualUpdate>): AnnualUpdate => ({
  id: row.id,
  county: row.county,
  year: row.year,
  // Safe: a check constraint holds the column to the union.
  status: row.status as AnnualUpdate["status"],
  openedOn: row.opened_on,
  closesOn: row.closes_on,
  closedOn: row.closed_on,
  figures: row.figures === null ? null : Figures.parse(row.figures),
  version: row.version,
});

/** A county's round of a year. @param region any division of the county */
export async function findAnnualUpdate(tx: Tx<DB>, region: string, year: number): Promise<AnnualUpdate | undefined> {
  const row = await tx
    .selectFrom("monitoring.annual_update")
    .selectAll()
    .where("county", "=", region.slice(0, 6))
    .where("year", "=", year)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** The same, held until the transaction ends: a confirmation and the closing of its round exclude each other. */
export async function lockAnnualUpdate(
  tx: Tx<DB>,
  region: string,
  year: number,
  how: "share" | "update",
): Promise<AnnualUpdate | undefined> {
  const found = tx
    .selectFrom("monitoring.annual_update")
    .selectAll()
    .where("county", "=", region.slice(0, 6))
    .where("year", "=", year);
  const row = await (how === "share" ? found.forShare() : found.forUpdate()).executeTakeFirst();
  return row && fromRow(row);
}

/** Rounds that run. They are read by everybody; the caller's area decides what is counted in them. */
export async function openUpdates(tx: Tx<DB>): Promise<AnnualUpdate[]> {
  const rows = await tx.selectFrom("monitoring.annual_update").selectAll().where("status", "=", "open").orderBy("year").execute();
  return rows.map(fromRow);
}

/** @returns false when the county's round of that year is there already */
export async function insertAnnualUpdate(tx: Tx<DB>, update: AnnualUpdate, openedBy: string): Promise<boolean> {
  const inserted = await tx
    .insertInto("monitoring.annual_update")
    .values({
      id: update.id,
      county: update.county,
      year: update.year,
      status: update.status,
      opened_by: openedBy,
      opened_on: update.openedOn,
      closes_on: update.closesOn,
    })
    .onConflict((conflict) => conflict.constraint("annual_update_once").doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

export async function closeAnnualUpdate(tx: Tx<DB>, update: AnnualUpdate, closedBy: string): Promise<void> {
  await tx
    .updateTable("monitoring.annual_update")
    .set({
      status: update.status,
      closed_by: closedBy,
      closed_on: update.closedOn,
      figures: JSON.stringify(update.figures),
      version: update.version,
    })
    .where("id", "=", update.id)
    .execute();
}

export type Confirmation = {
  householdId: string;
  region: string;
  year: number;
  headcount: number;
  incomeId: string;
  signature: Signature;
  confirmedBy: string;
  confirmedOn: string;
};

/** Stores a household's word; said again, it replaces the earlier one. */
export async function saveConfirmation(tx: Tx<DB>, confirmation: Confirmation): Promise<void> {
  const said = {
    headcount: confirmation.headcount,
    income_id: confirmation.incomeId,
    signature_file: confirmation.signature.fileId,
    signature_form: confirmation.signature.formId,
    signer_id: confirmation.signature.signerId,
    signed_on: confirmation.signature.signedOn,
    signed_how: confirmation.signature.how,
    confirmed_by: confirmation.confirmedBy,
    confirmed_on: confirmation.confirmedOn,
  };
  await tx
    .insertInto("monitoring.annual_update_confirmation")
    .values({ household_id: confirmation.householdId, region: confirmation.region, year: confirmation.year, ...said })
    .onConflict((conflict) => conflict.columns(["household_id", "year"]).doUpdateSet(said))
    .execute();
}

/** Each watched household with whether it has confirmed: two sets laid over each other and grouped, never joined (see monthly help). */
const owed = (year: number, area: { lo: string; hi: string }) => sql`(
    select household_id, max(place) as region, bool_or(confirmed) as confirmed from (
      select h.id as household_id, h.region as place, false as confirmed from monitoring.household h
        where h.status = 'active' and (h.household_kind = 'lifted-household' or (h.monitored_kind is not null and not h.risk_cleared))
          and h.region >= ${area.lo} and h.region < ${area.hi}
      union all select c.household_id, null, true from monitoring.annual_update_confirmation c
        where c.year = ${year} and c.region >= ${area.lo} and c.region < ${area.hi}) laid
    group by household_id having max(place) is not null)`;

export type UpdateCount = { region: string; households: number; confirmed: number };

export async function countConfirmed(
  tx: Tx<DB>,
  given: { year: number; area: { lo: string; hi: string }; digits: number },
): Promise<UpdateCount[]> {
  const { rows } =
    await sql<UpdateCount>`select rpad(left(o.region, ${given.digits}::int), 12, '0') as region, count(*) as households,
      count(*) filter (where o.confirmed) as confirmed from ${owed(given.year, given.area)} o group by 1 order by 1`.execute(tx);
  return rows;
}

/** Households still to confirm, in order of village and household; `limit + 1` rows. */
export async function listUnconfirmed(
  tx: Tx<DB>,
  given: { year: number; area: { lo: string; hi: string }; after: Place | undefined; limit: number },
): Promise<Place[]> {
  const { rows } = await sql<Place>`select o.region, o.household_id as "householdId" from ${owed(given.year, given.area)} o
    where not o.confirmed and ${afterPlace(sql`o.region`, sql`o.household_id`, given.after)}
    order by o.region, o.household_id limit ${given.limit + 1}`.execute(tx);
  return rows;
}
