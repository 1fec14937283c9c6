import { MonitoringImportFinished } from "@shouwang/contract";
import {
  actorOf,
  blindIndex,
  businessDate,
  type ChunkResult,
  findFile,
  type JobKind,
  type Keys,
  readSheet,
  SheetRefusal,
} from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { identityIndex } from "../household/person-store.ts";
import { job } from "../kit.ts";
import { screeningRules } from "../screening/rules.ts";
import { screenHouseholds, settingsFor } from "../screening/run.ts";
import { waitingFor } from "../screening/screen.ts";
import { amountsDiffer, checkMedicalBill, type MedicalBill, medicalBillColumns, type RowReason } from "./medical-bill.ts";
import { writeRefused } from "./refused.ts";
import {
  deleteRead,
  type Feed,
  findFeed,
  insertBills,
  insertRefusals,
  insertRows,
  type NewBill,
  type ReadRow,
  takeRows,
  touchedHouseholds,
} from "./store.ts";

export const medicalBillJob = "medical-bill-feed";
/** What a file may hold: it is read in one transaction, 50,000 rows in some five seconds. */
export const sheetLimits = { columns: medicalBillColumns, maxRows: 50_000, maxBytes: 10_485_760 };

const rowsPerChunk = 500;
const householdsPerChunk = 100;

/**
 * Where the job goes on. The whole file is read first, since it may turn out broken further down, and then none of it counts; after that every step takes its
 * work from the tables, so that neither the file nor a place in it is needed again until the refused rows are written out.
 */
const Checkpoint = z.discriminatedUnion("step", [
  z.object({ step: z.literal("read") }),
  z.object({ step: z.literal("match") }),
  z.object({ step: z.literal("screen"), after: z.uuid().optional() }),
  z.object({ step: z.literal("finish") }),
]);
type Checkpoint = z.infer<typeof Checkpoint>;
type Step = Parameters<JobKind<DB>["run"]>[0] & { feed: Feed };
type Chunk = ChunkResult & { next?: Checkpoint };

/** M-01: takes a feed of medical bills in, screens the households it touched and sends back the rows that could not be taken. */
export const medicalBillFeed = job({
  kind: medicalBillJob,
  run: async (given) => {
    const { feedId } = z.object({ feedId: z.uuid() }).parse(given.input);
    const feed = await findFeed(given.tx, feedId);
    if (!feed) throw new Error("the feed of this job is gone");
    const checkpoint = Checkpoint.parse(given.checkpoint ?? { step: "read" });
    const step: Step = { ...given, feed };
    switch (checkpoint.step) {
      case "read":
        return await readFile(step);
      case "match":
        return await matchRows(step);
      case "screen":
        return await screenTouched(step, checkpoint.after);
      case "finish":
        return await finish(step);
    }
  },
});

async function openSheet(step: Step) {
  const file = await findFile(step.tx, step.keys, step.feed.fileId);
  if (!file) throw new Error("the file of this feed is gone");
  const sheet = await readSheet(file.content, sheetLimits);
  if (!sheet.ok) throw new SheetRefusal(sheet);
  return sheet;
}

/** Reads and checks every row: good ones wait as keyed indexes and amounts, of the others only line and reasons are kept. */
async function readFile(step: Step): Promise<Chunk> {
  const { tx, feed, keys, now } = step;
  const totals = { rows: 0, refused: 0 };
  const given = { dataDate: feed.dataDate, today: businessDate(now) };
  let rows: ReadRow[] = [];
  let refusals: { line: number; reasons: RowReason[] }[] = [];
  const store = async () => {
    await insertRows(tx, feed, rows);
    await insertRefusals(tx, feed, refusals);
    totals.rows += rows.length + refusals.length;
    totals.refused += refusals.length;
    rows = [];
    refusals = [];
  };
  try {
    const sheet = await openSheet(step);
    for await (const { line, cells } of sheet.rows) {
      const checked = checkMedicalBill(cells, given);
      if ("bill" in checked) rows.push(indexed(keys, line, checked.bill));
      else refusals.push({ line, reasons: checked.reasons });
      if (rows.length + refusals.length >= rowsPerChunk) await store();
    }
    await store();
  } catch (error) {
    if (!(error instanceof SheetRefusal)) throw error;
    await deleteRead(tx, feed.id);
    const { rule, zh, en } = error.failure;
    return { totals: {}, result: { fileRefused: { rule, zh, en } } };
  }
  return { next: { step: "match" }, totals };
}

const indexed = (keys: Keys, line: number, { personKey, billNumber, ...bill }: MedicalBill): ReadRow => ({
  ...bill,
  line,
  personIndex: identityIndex(keys, personKey),
  billIndex: blindIndex(keys, "bill", `${billNumber} ${personKey}`),
});

/** Gives the next rows to the members of households they are about. A person of another county and one nobody registered look the same: not matched. */
async function matchRows(step: Step): Promise<Chunk> {
  const { tx, feed } = step;
  const rows = await takeRows(tx, feed.id, rowsPerChunk);
  const bills = new Map<string, NewBill>();
  const refusals: { line: number; reasons: RowReason[] }[] = [];
  let unmatched = 0;
  for (const { member, before, ...row } of rows) {
    const key = row.billIndex.toString("base64");
    const same = before ?? bills.get(key);
    if (!member) unmatched += 1;
    else if (!same) bills.set(key, { ...row, member });
    else if (same.totalFen !== row.totalFen || same.selfPaidFen !== row.selfPaidFen)
      refusals.push({ line: row.line, reasons: [amountsDiffer] });
  }
  const taken = await insertBills(tx, feed.id, [...bills.values()]);
  await insertRefusals(tx, feed, refusals);
  const unchanged = rows.length - unmatched - refusals.length - taken;
  return {
    next: { step: rows.length < rowsPerChunk ? "screen" : "match" },
    totals: { taken, unmatched, unchanged, refused: refusals.length },
  };
}

async function screenTouched(step: Step, after: string | undefined): Promise<Chunk> {
  const ids = await touchedHouseholds(step.tx, step.feed.id, after, householdsPerChunk);
  const outcome = await screenHouseholds(step.tx, ids, { now: step.now, actor: actorOf(step.actor) });
  const last = ids.at(-1);
  const more = last !== undefined && ids.length === householdsPerChunk;
  return { ...outcome, next: more ? { step: "screen", after: last } : { step: "finish" } };
}

/** Writes the refused rows out as a workbook to mend, says which rules waited for a parameter, and tells that the feed is in. */
async function finish(step: Step): Promise<Chunk> {
  const { tx, feed, now, totals } = step;
  const settings = await settingsFor(tx, screeningRules, feed.region, businessDate(now));
  const rulesWaiting = screeningRules.filter((rule) => waitingFor(rule, settings).length > 0).map(({ code }) => code);
  const count = (key: string) => totals[key] ?? 0;
  const imported = {
    importId: feed.id,
    layout: "medical-bills",
    region: feed.region,
    rows: count("rows"),
    taken: count("taken"),
    refused: count("refused"),
    unchanged: count("unchanged"),
  };
  const errorsFile =
    count("refused") > 0
      ? await writeRefused(step, { limits: sheetLimits, name: `问题数据-医疗费用-${feed.dataDate}.xlsx` })
      : undefined;
  return {
    totals: {},
    result: { rulesWaiting, ...(errorsFile === undefined ? {} : { errorsFile }) },
    events: [MonitoringImportFinished.of(feed.id, 1, feed.region, imported)],
    audit: [{ action: "finish-feed", entity: "feed", entityId: feed.id, region: feed.region, clause: "M-01", changed: totals }],
  };
}
