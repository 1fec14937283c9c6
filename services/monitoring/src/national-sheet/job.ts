import { MonitoringImportFinished } from "@shouwang/contract";
import {
  blindIndex,
  businessDate,
  type ChunkResult,
  type JobKind,
  listOfJob,
  type ReceivedList,
  readWholeList,
  type SheetColumn,
  writeRefusedRows,
} from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { identityIndex } from "../household/person-store.ts";
import { householdsByIds } from "../household/store.ts";
import { job } from "../kit.ts";
import { lockHouseholds } from "../screening/store.ts";
import { compareHousehold } from "./compare.ts";
import { type Found, keepDifferences } from "./difference-store.ts";
import type { NationalLayout } from "./layout.ts";
import { findNationalLayout } from "./layouts.ts";
import { readRow } from "./read-row.ts";
import { householdValues, personValues } from "./registry-row.ts";
import { casesOf, deleteRows, findHouseholds, insertRows, nextHouseholds, openMembers, rowsOf } from "./store.ts";

export const nationalJob = "national-sheet";
export const intake = "national-sheet";
export const sheetLimits = (layout: NationalLayout) => ({
  columns: layout.columns.map(({ key, titles, required }): SheetColumn => ({ key, titles, required })),
  maxRows: 200_000,
  maxBytes: 10_485_760,
});

const householdsPerChunk = 100;

/** The file is read whole, since it may turn out broken further down; after that every step takes its work from the tables. */
const Checkpoint = z.discriminatedUnion("step", [
  z.object({ step: z.literal("read") }),
  z.object({ step: z.literal("find") }),
  z.object({ step: z.literal("compare"), after: z.uuid().optional() }),
  z.object({ step: z.literal("finish") }),
]);
type Checkpoint = z.infer<typeof Checkpoint>;
type Step = Parameters<JobKind<DB>["run"]>[0] & { sheet: ReceivedList; layout: NationalLayout };
type Chunk = ChunkResult & { next?: Checkpoint };

/** M-01: compares a sheet of the national system with the registry. Nothing of it is taken over: what differs is listed, and asked of the village. */
export const compareNationalSheet = job({
  kind: nationalJob,
  run: async (given) => {
    const sheet = await listOfJob(given.tx, intake, given.input);
    const layout = findNationalLayout(sheet.kind);
    if (!layout) throw new Error(`no layout for a sheet of kind ${sheet.kind}`);
    const checkpoint = Checkpoint.parse(given.checkpoint ?? { step: "read" });
    const step: Step = { ...given, sheet, layout };
    switch (checkpoint.step) {
      case "read":
        return await readFile(step);
      case "find":
        return { next: { step: "compare" }, totals: { unmatched: await findHouseholds(given.tx, sheet) } };
      case "compare":
        return await compareNext(step, checkpoint.after);
      case "finish":
        return await finish(step);
    }
  },
});

async function readFile(step: Step): Promise<Chunk> {
  const { tx, keys, sheet, layout, now } = step;
  const read = await readWholeList(step, sheet, sheetLimits(layout), {
    read: ({ line, cells }) => {
      const given = readRow(layout, cells, businessDate(now));
      if (!("row" in given)) return given;
      return { row: { line, personIndex: identityIndex(keys, given.row.personKey), row: given.row } };
    },
    keep: (rows: Parameters<typeof insertRows>[3]) => insertRows(tx, keys, sheet, rows),
    forget: () => deleteRows(tx, sheet.id),
  });
  return "ended" in read ? read.ended : { next: { step: "find" }, totals: read.totals };
}

async function compareNext(step: Step, after: string | undefined): Promise<Chunk> {
  const { tx, keys, sheet, layout, now } = step;
  const ids = await nextHouseholds(tx, sheet.id, after, householdsPerChunk);
  await lockHouseholds(tx, ids);
  const today = businessDate(now);
  const rows = await rowsOf(tx, keys, sheet.id, ids);
  const members = await openMembers(tx, keys, ids);
  const cases = await casesOf(tx, ids);
  const tokenOf = (personKey: string) => blindIndex(keys, "national-member", personKey).toString("hex").slice(0, 8);
  const found: Found[] = [];
  let same = 0;
  for (const household of await householdsByIds(tx, ids)) {
    const registry = {
      values: householdValues(household, cases.get(household.id)),
      members: (members.get(household.id) ?? []).map((member) => ({
        id: member.id,
        identityNumber: member.secret.identityNumber,
        values: personValues(member, today),
      })),
    };
    const differences = compareHousehold(layout, rows.get(household.id) ?? [], registry, tokenOf);
    if (differences.length === 0) same += 1;
    const { id: householdId, region } = household;
    found.push(...differences.map((difference) => ({ ...difference, householdId, region })));
  }
  const counts = await keepDifferences(tx, keys, sheet, found, { now, today });
  const last = ids.at(-1);
  const more = last !== undefined && ids.length === householdsPerChunk;
  return {
    next: more ? { step: "compare", after: last } : { step: "finish" },
    totals: { households: ids.length, same, differences: found.length, ...counts },
  };
}

/** Writes the rows that were sent back as a workbook, forgets the others, and tells that the sheet has been compared. */
async function finish(step: Step): Promise<Chunk> {
  const { tx, sheet, layout, totals } = step;
  const count = (key: string) => totals[key] ?? 0;
  const name = `问题数据-${layout.title.zh}-${sheet.dataDate}.xlsx`;
  const sentBack = count("refused") + count("unmatched") > 0;
  const errorsFile = sentBack ? await writeRefusedRows(step, sheet, sheetLimits(layout), name) : undefined;
  await deleteRows(tx, sheet.id);
  const about = { entity: "national-sheet", entityId: sheet.id, region: sheet.region, clause: "M-01" };
  const imported = {
    importId: sheet.id,
    layout: `national-${sheet.kind}`,
    region: sheet.region,
    rows: count("rows"),
    taken: 0,
    refused: count("refused") + count("unmatched"),
    unchanged: count("rows") - count("refused") - count("unmatched"),
  };
  return {
    totals: {},
    result: errorsFile === undefined ? {} : { errorsFile },
    events: [MonitoringImportFinished.of(sheet.id, 1, sheet.region, imported)],
    audit: [{ action: "compare-national-sheet", ...about, changed: totals }],
  };
}
