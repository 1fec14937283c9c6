import { type Keys, openRecord, type ReceivedList, type RowReason, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import { PersonSecret, placeOfPerson } from "../household/person-store.ts";
import type { SheetRow } from "./compare.ts";
import { NationalRow } from "./read-row.ts";
import type { CaseDays, Member } from "./registry-row.ts";

const rowPlace = (sheetId: string, line: number) => ({ table: "monitoring.national_row", id: `${sheetId}/${line}` });

/** Keeps rows that were read, sealed, until they are compared. */
export async function insertRows(
  tx: Tx<DB>,
  keys: Keys,
  sheet: Pick<ReceivedList, "id" | "region">,
  rows: readonly { line: number; personIndex: Buffer; row: NationalRow }[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into monitoring.national_row (sheet_id, region, line, household_no, person_index, secret)
    select ${sheet.id}, ${sheet.region}, * from unnest(${rows.map(({ line }) => line)}::int[], ${rows.map(({ row }) => row.values["householdNo"] ?? null)}::text[],
      ${rows.map(({ personIndex }) => personIndex)}::bytea[], ${rows.map(({ line, row }) => sealRecord(keys, rowPlace(sheet.id, line), row))}::bytea[])`.execute(
    tx,
  );
}

/** Takes back what was read of a sheet: in the transaction that read it, or when it has been compared. */
export async function deleteRows(tx: Tx<DB>, sheetId: string): Promise<void> {
  await tx.deleteFrom("monitoring.national_row").where("sheet_id", "=", sheetId).execute();
}
const notRegistered: RowReason = {
  rule: "not-registered",
  zh: "本辖区登记库中没有此人,也没有该户编号的农户,请按登记程序办理",
  en: "Neither this person nor a household of this number is registered in the area: register them",
};

/**
 * Says of every row which household of the caller's area it is about: the person's own by the identity number; for somebody not registered, the household of others under
 * the same number in the sheet, or the one the registry knows by it. Rows about none are sent back. @returns how many those are
 */
export async function findHouseholds(tx: Tx<DB>, sheet: Pick<ReceivedList, "id" | "region">): Promise<number> {
  await sql`update monitoring.national_row r set found_person = p.id, found_household = p.household_id from monitoring.person p
    where r.sheet_id = ${sheet.id} and p.identity_index = r.person_index and p.status = 'member' and p.household_id is not null`.execute(
    tx,
  );
  await sql`update monitoring.national_row r set found_household = o.household from (
      select household_no, min(found_household::text)::uuid as household from monitoring.national_row where sheet_id = ${sheet.id} and found_household is not null group by 1) o
    where r.sheet_id = ${sheet.id} and r.found_household is null and r.household_no = o.household_no`.execute(tx);
  await sql`update monitoring.national_row r set found_household = h.id from (
      select household_no, min(id::text)::uuid as id from monitoring.household where status = 'active' and household_no is not null group by 1 having count(*) = 1) h
    where r.sheet_id = ${sheet.id} and r.found_household is null and r.household_no = h.household_no`.execute(tx);
  const lost = await sql`insert into kit.refused_row (list_id, line, region, reasons)
    select sheet_id, line, region, ${JSON.stringify([notRegistered])}::jsonb from monitoring.national_row where sheet_id = ${sheet.id} and found_household is null`.execute(
    tx,
  );
  return Number(lost.numAffectedRows ?? 0n);
}

/** The next households a sheet is about, in the order of their ids. */
export async function nextHouseholds(tx: Tx<DB>, sheetId: string, after: string | undefined, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select distinct found_household as id from monitoring.national_row
    where sheet_id = ${sheetId} and found_household > ${after ?? "00000000-0000-0000-0000-000000000000"}::uuid order by 1 limit ${limit}`.execute(
    tx,
  );
  return rows.map(({ id }) => id);
}

/** The rows about some households, opened, by household and in the order of their lines. */
export async function rowsOf(
  tx: Tx<DB>,
  keys: Keys,
  sheetId: string,
  householdIds: readonly string[],
): Promise<Map<string, SheetRow[]>> {
  const rows = await tx
    .selectFrom("monitoring.national_row")
    .select(["line", "secret", "found_household", "found_person"])
    .where("sheet_id", "=", sheetId)
    .where("found_household", "in", [...householdIds])
    .orderBy("line")
    .execute();
  const found = new Map<string, SheetRow[]>();
  for (const { line, secret, found_household: household, found_person: personId } of rows) {
    if (household === null) continue;
    const row = openRecord(keys, rowPlace(sheetId, line), secret, NationalRow);
    found.set(household, [...(found.get(household) ?? []), { line, personId, row }]);
  }
  return found;
}

/** The members of some households as the registry holds them, opened, by household, the head first. */
export async function openMembers(tx: Tx<DB>, keys: Keys, householdIds: readonly string[]): Promise<Map<string, Member[]>> {
  if (householdIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom("monitoring.person")
    .select(["id", "household_id", "relation", "education", "schooling", "health", "labour_skill"])
    .select(["serious_illness_insurance", "secret"])
    .where("household_id", "in", [...householdIds])
    .where("status", "=", "member")
    .orderBy(sql`relation <> 'head'`)
    .orderBy("id")
    .execute();
  return Map.groupBy(
    rows.map((row) => ({
      id: row.id,
      householdId: row.household_id ?? "",
      relation: row.relation,
      education: row.education,
      schooling: row.schooling,
      health: row.health,
      labourSkill: row.labour_skill,
      seriousIllnessInsurance: row.serious_illness_insurance,
      secret: openRecord(keys, placeOfPerson(row.id), row.secret, PersonSecret),
    })),
    ({ householdId }) => householdId,
  );
}

/** By household, the newest case that ended in inclusion. */
export async function casesOf(tx: Tx<DB>, householdIds: readonly string[]): Promise<Map<string, CaseDays>> {
  if (householdIds.length === 0) return new Map();
  const { rows } = await sql<
    CaseDays & { householdId: string }
  >`select distinct on (household_id) household_id as "householdId", risks,
      included_on as "includedOn", cleared_on as "clearedOn"
    from monitoring.monitored_case where household_id = any(${[...householdIds]}::uuid[]) and included_on is not null order by household_id, id desc`.execute(
    tx,
  );
  return new Map(rows.map(({ householdId, ...days }) => [householdId, days]));
}
