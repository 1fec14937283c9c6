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
import { type Feed, refusalsOf } from "./store.ts";

const mostErrorRows = 20_000;

/** Writes the refused rows of a file out with their reasons, as a workbook to mend and send again. @returns its file's id */
export async function writeRefused<Key extends string>(
  { tx, keys, actor, now, feed }: { tx: Tx<DB>; keys: Keys; actor: Principal; now: Date; feed: Feed },
  { limits, name }: { limits: SheetOptions<Key>; name: string },
): Promise<string> {
  const reasons = await refusalsOf(tx, feed.id, mostErrorRows);
  const file = await findFile(tx, keys, feed.fileId);
  if (!file) throw new Error("the file of this feed is gone");
  const sheet = await readSheet(file.content, limits);
  if (!sheet.ok) throw new SheetRefusal(sheet);
  const failing = async function* (): AsyncGenerator<FailingRow> {
    for await (const { line, cells } of sheet.rows) {
      const against = reasons.get(line);
      if (against) yield { line, cells, reasons: against };
    }
  };
  return await putFile(tx, keys, actor, {
    region: feed.region,
    name,
    mediaType: xlsx,
    content: await buffer(writeErrorWorkbook(sheet.columns, failing())),
    purpose: "feed-errors",
    expiresOn: await keptUntil(tx, feed.region, businessDate(now)),
  });
}
