import { buffer } from "node:stream/consumers";
import { sql } from "kysely";
import { businessDate } from "./calendar.ts";
import type { Executor } from "./database.ts";
import { findFile, putFile } from "./file.ts";
import type { Keys } from "./personal-data.ts";
import type { Principal } from "./principal.ts";
import { listKeptUntil, type ReceivedList } from "./received-list.ts";
import { readSheet, type Sheet, type SheetOptions, type SheetRow } from "./sheet.ts";
import { SheetRefusal } from "./sheet-refusal.ts";
import { type FailingRow, writeErrorWorkbook, xlsx } from "./sheet-write.ts";

/** Why a row was not taken: the rule it broke, in the words of whoever is to mend it. */
export type RowReason = { rule: string; zh: string; en: string };

/** Opens the file of a list. Throws SheetRefusal when it cannot be read. */
export async function openList<const Key extends string>(
  { tx, keys }: { tx: Executor; keys: Keys },
  list: ReceivedList,
  limits: SheetOptions<Key>,
): Promise<Sheet<Key>> {
  const sheet = await readSheet(await contentOf({ tx, keys }, list), limits);
  if (!sheet.ok) throw new SheetRefusal(sheet);
  return sheet;
}

/** The file of a list, as it was sent. */
export async function contentOf({ tx, keys }: { tx: Executor; keys: Keys }, list: ReceivedList): Promise<Buffer> {
  const file = await findFile(tx, keys, list.fileId);
  if (!file) throw new Error(`the file of this ${list.intake} is gone`);
  return file.content;
}

const rowsAtOnce = 500;

/**
 * Reads a list from end to end in the caller's transaction: rows that pass go where `keep` puts them, of the others only line and reasons are kept. A file that turns
 * out broken further down leaves nothing, and the chunk ends the job with the reason.
 * @param on.forget takes back what `keep` put away
 * @returns how many rows there are and how many were refused, or the chunk that ends the job
 */
export async function readWholeList<const Key extends string, Row>(
  given: { tx: Executor; keys: Keys },
  list: ReceivedList,
  limits: SheetOptions<Key>,
  on: {
    read(row: SheetRow<Key>): { row: Row } | { reasons: readonly RowReason[] };
    keep(rows: readonly Row[]): Promise<void>;
    forget(): Promise<void>;
  },
): Promise<{ totals: { rows: number; refused: number } } | { ended: ReturnType<typeof refusedWhole> }> {
  const totals = { rows: 0, refused: 0 };
  let rows: Row[] = [];
  let refused: [number, readonly RowReason[]][] = [];
  const store = async () => {
    await on.keep(rows);
    await refuseRows(given.tx, list, refused);
    totals.rows += rows.length + refused.length;
    totals.refused += refused.length;
    rows = [];
    refused = [];
  };
  try {
    const sheet = await openList(given, list, limits);
    for await (const row of sheet.rows) {
      const read = on.read(row);
      if ("row" in read) rows.push(read.row);
      else refused.push([row.line, read.reasons]);
      if (rows.length + refused.length >= rowsAtOnce) await store();
    }
    await store();
  } catch (error) {
    if (!(error instanceof SheetRefusal)) throw error;
    await on.forget();
    await unrefuseRows(given.tx, list);
    return { ended: refusedWhole(error) };
  }
  return { totals };
}

/** The chunk that ends a job whose file cannot be read: nothing was taken, and why. */
export function refusedWhole({ failure: { rule, zh, en } }: SheetRefusal) {
  return { totals: {}, result: { fileRefused: { rule, zh, en } } };
}

/** Keeps why rows were not taken, by line; a row that has its reasons keeps them. */
export async function refuseRows(
  tx: Executor,
  list: Pick<ReceivedList, "id" | "region">,
  refused: Iterable<readonly [number, readonly RowReason[]]>,
): Promise<void> {
  const rows = [...refused];
  if (rows.length === 0) return;
  await sql`insert into kit.refused_row (list_id, region, line, reasons) select ${list.id}, ${list.region}, line, reasons
    from unnest(${rows.map(([line]) => line)}::int[], ${rows.map(([, reasons]) => JSON.stringify(reasons))}::jsonb[]) as row (line, reasons)
    on conflict do nothing`.execute(tx);
}

/** Takes back why rows of a list were refused, in the transaction that found the list itself to be broken. */
export async function unrefuseRows(tx: Executor, list: ReceivedList): Promise<void> {
  await sql`delete from kit.refused_row where list_id = ${list.id}`.execute(tx);
}

/** So many refused rows are given back at most: whoever has more mends the first of them and sends the list again. */
const mostErrorRows = 20_000;

/**
 * Writes the refused rows of a list out with their reasons, as a workbook to mend and send again.
 * @param name what the workbook is called
 * @returns its file id
 */
export async function writeRefusedRows<const Key extends string>(
  given: { tx: Executor; keys: Keys; actor: Principal; now: Date },
  list: ReceivedList,
  limits: SheetOptions<Key>,
  name: string,
): Promise<string> {
  const { tx, keys, actor, now } = given;
  const { rows } = await sql<{
    line: number;
    reasons: RowReason[];
  }>`select line, reasons from kit.refused_row where list_id = ${list.id}
    order by line limit ${mostErrorRows}`.execute(tx);
  const reasons = new Map(rows.map((row) => [row.line, row.reasons]));
  const sheet = await openList(given, list, limits);
  const failing = async function* (): AsyncGenerator<FailingRow> {
    for await (const { line, cells } of sheet.rows) {
      const against = reasons.get(line);
      if (against) yield { line, cells, reasons: against };
    }
  };
  return await putFile(tx, keys, actor, {
    region: list.region,
    name,
    mediaType: xlsx,
    content: await buffer(writeErrorWorkbook(sheet.columns, failing())),
    purpose: `${list.intake}-errors`,
    expiresOn: await listKeptUntil(tx, list.region, businessDate(now)),
  });
}
