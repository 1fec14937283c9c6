import { buffer } from "node:stream/consumers";
import {
  businessDate,
  type FailingRow,
  findFile,
  type Keys,
  type Principal,
  putFile,
  readSheet,
  type SheetOptions,
  SheetRefusal,
  type Tx,
  writeErrorWorkbook,
} from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { keptUntil, xlsx } from "./file-kept.ts";

/** So many refused rows are given back at most: whoever has more mends the first of them and sends the list again. */
export const mostErrorRows = 20_000;

/**
 * Writes the refused rows of a file out with their reasons, as a workbook to mend and send again.
 * @param reasons by line of the file
 * @returns the workbook's file id
 */
export async function writeRefused<Key extends string>(
  { tx, keys, actor, now }: { tx: Tx<DB>; keys: Keys; actor: Principal; now: Date },
  sent: { fileId: string; region: string; limits: SheetOptions<Key> },
  { reasons, name }: { reasons: ReadonlyMap<number, readonly { zh: string }[]>; name: string },
): Promise<string> {
  const file = await findFile(tx, keys, sent.fileId);
  if (!file) throw new Error("the file whose rows were refused is gone");
  const sheet = await readSheet(file.content, sent.limits);
  if (!sheet.ok) throw new SheetRefusal(sheet);
  const failing = async function* (): AsyncGenerator<FailingRow> {
    for await (const { line, cells } of sheet.rows) {
      const against = reasons.get(line);
      if (against) yield { line, cells, reasons: against };
    }
  };
  return await putFile(tx, keys, actor, {
    region: sent.region,
    name,
    mediaType: xlsx,
    content: await buffer(writeErrorWorkbook(sheet.columns, failing())),
    purpose: "feed-errors",
    expiresOn: await keptUntil(tx, sent.region, businessDate(now)),
  });
}
