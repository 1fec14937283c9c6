import { MonitoringImportFinished } from "@shouwang/contract";
import {
  actorOf,
  businessDate,
  type ChunkResult,
  type JobKind,
  listOfJob,
  type ReceivedList,
  type RowReason,
  readWholeList,
  refuseRows,
  type SheetColumn,
  writeRefusedRows,
} from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { job } from "../kit.ts";
import { factsOf } from "../screening/expression.ts";
import { factsFrom } from "../screening/facts.ts";
import { rulesInForce } from "../screening/rule-store.ts";
import { readSettings, screenHouseholds, settingsOf } from "../screening/run.ts";
import { waitingFor } from "../screening/screen.ts";
import { checkRow, contentsDiffer } from "./check-row.ts";
import type { FeedLayout } from "./layout.ts";
import { findLayout } from "./layouts.ts";
import { insertMatches, type NewMatch } from "./match-store.ts";
import { type Mismatch, raiseMismatches } from "./mismatch.ts";
import { insertRecords, noteOutcomes, touchedHouseholds } from "./record-store.ts";
import { sealRow } from "./seal-row.ts";
import { deleteRead, insertRows, type ReadRow, takeRows } from "./store.ts";
import { recordOf } from "./take-record.ts";

export const feedJob = "department-feed";
/** What a file may hold: it is read in one transaction, 100,000 rows in some ten seconds, and an upload is at most 10 MB. */
export const sheetLimits = (layout: FeedLayout) => ({
  columns: layout.columns.map(({ key, titles, required }): SheetColumn => ({ key, titles, required })),
  maxRows: 200_000,
  maxBytes: 10_485_760,
});

const rowsPerChunk = 500;
const householdsPerChunk = 500;

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
type Step = Parameters<JobKind<DB>["run"]>[0] & { feed: ReceivedList; layout: FeedLayout };
type Chunk = ChunkResult & { next?: Checkpoint };

/** M-01: takes a department's list in, screens the households it touched and sends back the rows that could not be taken. */
export const departmentFeed = job({
  kind: feedJob,
  run: async (given) => {
    const feed = await listOfJob(given.tx, "feed", given.input);
    const layout = findLayout(feed.kind);
    if (!layout) throw new Error(`no layout for a feed of kind ${feed.kind}`);
    const checkpoint = Checkpoint.parse(given.checkpoint ?? { step: "read" });
    const step: Step = { ...given, feed, layout };
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
  leave: async ({ totals: { rows, refused = 0, taken = 0, unmatched = 0, unchanged = 0, toConfirm = 0 } }) => {
    const done = taken + unmatched + unchanged + toConfirm;
    return rows === undefined ? undefined : { done, left: rows - refused - done };
  },
});

/** Reads and checks every row: good ones wait as keyed indexes, codes and amounts. */
async function readFile(step: Step): Promise<Chunk> {
  const { tx, feed, layout, keys, now } = step;
  const given = { dataDate: feed.dataDate, today: businessDate(now), county: feed.region };
  const read = await readWholeList(step, feed, sheetLimits(layout), {
    read: ({ line, cells }) => {
      const checked = checkRow(layout, cells, given);
      return "row" in checked ? { row: sealRow(keys, layout, line, checked.row) } : checked;
    },
    keep: (rows: readonly ReadRow[]) => insertRows(tx, feed, rows),
    forget: () => deleteRead(tx, feed.id),
  });
  return "ended" in read ? read.ended : { next: { step: "match" }, totals: read.totals };
}

/**
 * Gives the next rows to the members of households they are about; by number alone, so that nobody is taken for another. A row whose number fits nobody, but
 * whose name, birth date and village do, waits for a person. Someone of another county and one nobody registered look the same: not matched.
 */
async function matchRows(step: Step): Promise<Chunk> {
  const { tx, feed, layout, keys, now } = step;
  const rows = await takeRows(tx, feed.id, rowsPerChunk);
  const sent = { feedId: feed.id, department: feed.department, document: feed.document, dataDate: feed.dataDate };
  const taken = new Map<string, ReturnType<typeof recordOf>>();
  const toConfirm: NewMatch[] = [];
  const refusals: [number, RowReason[]][] = [];
  let unmatched = 0;
  for (const { member, candidates, before, ...row } of rows) {
    const key = row.recordIndex.toString("base64");
    const same = before ?? taken.get(key)?.record;
    if (same) {
      const isSame = same.code === row.code && same.amountFen === row.amountFen && same.totalFen === row.totalFen;
      if (!isSame) refusals.push([row.line, [contentsDiffer]]);
    } else if (member) taken.set(key, recordOf(row, member, sent, layout));
    else if (candidates.length > 0 && row.village !== null) toConfirm.push({ ...row, candidates, village: row.village });
    else unmatched += 1;
  }
  const stored = await insertRecords(
    tx,
    [...taken.values()].map(({ record }) => record),
  );
  const mismatches = [...taken.values()].flatMap(({ mismatch }): Mismatch[] =>
    mismatch && stored.has(mismatch.recordId) ? [mismatch] : [],
  );
  if (mismatches.length > 0) await raiseMismatches(tx, keys, mismatches, now);
  const asked = await insertMatches(tx, feed, toConfirm);
  await refuseRows(tx, feed, refusals);
  const unchanged = rows.length - unmatched - refusals.length - stored.size - asked;
  return {
    next: { step: rows.length < rowsPerChunk ? "screen" : "match" },
    totals: {
      ...{ taken: stored.size, unmatched, unchanged, toConfirm: asked },
      ...{ mismatched: mismatches.length, refused: refusals.length },
    },
  };
}

async function screenTouched(step: Step, after: string | undefined): Promise<Chunk> {
  const { tx, feed, now, actor } = step;
  const ids = await touchedHouseholds(tx, feed.id, after, householdsPerChunk);
  const rules = await rulesInForce(tx, feed.region, businessDate(now));
  const { households, ...outcome } = await screenHouseholds(tx, rules, ids, { now, actor: actorOf(actor) });
  await noteOutcomes(tx, feed.id, households);
  const last = ids.at(-1);
  const more = last !== undefined && ids.length === householdsPerChunk;
  return { ...outcome, next: more ? { step: "screen", after: last } : { step: "finish" } };
}

/** Writes the refused rows out as a workbook to mend, says which rules waited for a parameter, and tells that the feed is in. */
async function finish(step: Step): Promise<Chunk> {
  const { tx, feed, layout, now, totals } = step;
  const day = businessDate(now);
  const rests = new Set(factsFrom(layout.record));
  const rules = (await rulesInForce(tx, feed.region, day)).filter((rule) => factsOf(rule.when).some((fact) => rests.has(fact)));
  const settings = settingsOf(rules, await readSettings(tx, rules, day), feed.region);
  const rulesWaiting = rules.filter((rule) => waitingFor(rule, settings).length > 0).map(({ code }) => code);
  const count = (key: string) => totals[key] ?? 0;
  const imported = {
    importId: feed.id,
    layout: feed.kind,
    region: feed.region,
    rows: count("rows"),
    taken: count("taken"),
    refused: count("refused"),
    unchanged: count("unchanged"),
  };
  const name = `问题数据-${layout.title.zh}-${feed.dataDate}.xlsx`;
  const errorsFile = count("refused") > 0 ? await writeRefusedRows(step, feed, sheetLimits(layout), name) : undefined;
  return {
    totals: {},
    result: { rulesWaiting, ...(errorsFile === undefined ? {} : { errorsFile }) },
    events: [MonitoringImportFinished.of(feed.id, 1, feed.region, imported)],
    audit: [{ action: "finish-feed", entity: "feed", entityId: feed.id, region: feed.region, clause: "M-01", changed: totals }],
  };
}
