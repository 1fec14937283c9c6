import { type Keys, openRecord, type ReceivedList, sealRecord, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import { ListRow } from "./read-row.ts";

const placeOf = (listId: string, line: number) => ({ table: "employment.work_import_row", id: `${listId}/${line}` });

/** Keeps rows that were read, sealed, until they are taken. */
export async function stageRows(
  tx: Tx<DB>,
  keys: Keys,
  list: Pick<ReceivedList, "id" | "region">,
  rows: readonly { line: number; personIndex: Buffer; row: ListRow }[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into employment.work_import_row (list_id, region, line, person_index, secret)
    select ${list.id}, ${list.region}, * from unnest(${rows.map(({ line }) => line)}::int[], ${rows.map(({ personIndex }) => personIndex)}::bytea[],
      ${rows.map(({ line, row }) => sealRecord(keys, placeOf(list.id, line), row))}::bytea[])`.execute(tx);
}

/** Takes back what was read of a list: in the transaction that read it, or when it has been taken. */
export async function unstageRows(tx: Tx<DB>, listId: string): Promise<void> {
  await tx.deleteFrom("employment.work_import_row").where("list_id", "=", listId).execute();
}

/** The next rows of a list, opened, each with the person of the caller's area whose number it bears: a member before one who left. */
export async function nextRows(
  tx: Tx<DB>,
  keys: Keys,
  listId: string,
  after: number,
  limit: number,
): Promise<{ line: number; personId: string | null; row: ListRow }[]> {
  // Each number is looked up by itself: of row-level security the planner only knows that an area is a small part of all, and would go through it once a row.
  const { rows } = await sql<{
    line: number;
    personId: string | null;
    secret: Buffer;
  }>`select r.line, r.secret, p.id as "personId"
    from (select line, secret, person_index from employment.work_import_row where list_id = ${listId} and line > ${after} order by line limit ${limit}) r
    left join lateral (select p.id from employment.person_identity i join employment.person p on p.id = i.person_id
      where i.identity_index = r.person_index order by p.status = 'member' desc, p.id limit 1) p on true order by r.line`.execute(
    tx,
  );
  return rows.map(({ line, personId, secret }) => ({
    line,
    personId,
    row: openRecord(keys, placeOf(listId, line), secret, ListRow),
  }));
}
