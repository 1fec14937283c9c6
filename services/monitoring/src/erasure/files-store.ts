import { fileMentions, findFile, type Keys, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { Known } from "./known-store.ts";

/** Files looked into in one chunk: each may weigh ten megabytes. */
const most = 20;

/**
 * Destroys files: signatures and scans of the person, forms that were printed while they were of the household (each names every member), proof for what was
 * doubted of them, every file of a household in which nobody is left, and by looking into them any file of the
 * household and any list of their area in which they stand: what was sent in, what came back of it, what was handed out.
 * @param after the file looked at last; undefined at the beginning
 * @returns the file to go on after; undefined at the end
 */
export async function destroyFiles(
  tx: Tx<DB>,
  keys: Keys,
  known: Known,
  after: string | undefined,
): Promise<{ after: string | undefined; destroyed: number }> {
  const about = after === undefined ? await destroyKnown(tx, known) : 0;
  const { rows } = await sql<{ id: string }>`select id from kit.file
    where id > ${after ?? "00000000-0000-0000-0000-000000000000"}::uuid and (household_id = any(${known.households}::uuid[])
      or (household_id is null and rtrim(region, '0') = any(${areasOf(known.regions)}::text[])))
    order by id limit ${most}`.execute(tx);
  let destroyed = about;
  for (const { id } of rows) {
    const file = await findFile(tx, keys, id);
    if (!file) continue;
    // What people call their files may name somebody, whatever is in them.
    const named = known.values.some((value) => file.name.includes(value));
    if (!named && !(await fileMentions(file.content, known.values))) continue;
    await sql`delete from kit.file where id = ${id}`.execute(tx);
    destroyed += 1;
  }
  return { after: rows.length === most ? rows.at(-1)?.id : undefined, destroyed };
}

/** Every division a village lies in, and itself, without trailing zeros, as lists of any office carry it. */
const areasOf = (regions: readonly string[]): string[] => [
  ...new Set(regions.flatMap((region) => [2, 4, 6, 9, 12].map((digits) => region.slice(0, digits).replace(/0+$/, "")))),
];

async function destroyKnown(tx: Tx<DB>, known: Known): Promise<number> {
  const { id, stays } = known;
  const done = await sql`delete from kit.file where id in (
      select unnest(array[f.paper_file, f.scan_file]) from kit.form f where (f.entity = 'person' and f.entity_id = ${id})
        or exists (select from unnest(${stays.map((stay) => stay.householdId)}::uuid[], ${stays.map((stay) => stay.since)}::date[], ${stays.map((stay) => stay.until)}::date[])
          as stay (household_id, since, until) where stay.household_id = f.household_id
          and (f.printed_at at time zone 'Asia/Shanghai')::date between stay.since and stay.until)
      union all select i.signature_file::uuid from monitoring.household_income i where i.signer_id = ${id} and i.signature_file is not null
      union all select c.signature_file::uuid from monitoring.annual_update_confirmation c where c.signer_id = ${id} and c.signature_file is not null
      union all select s.file_id from monitoring.suspect s where s.person_id = ${id})
    or household_id = any(${known.ended}::uuid[])`.execute(tx);
  return Number(done.numAffectedRows ?? 0n);
}
