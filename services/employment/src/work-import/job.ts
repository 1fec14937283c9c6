import { EmploymentImportFinished } from "@shouwang/contract";
import {
  businessDate,
  type ChunkResult,
  type JobKind,
  listOfJob,
  type ReceivedList,
  type RowReason,
  readWholeList,
  refuseRows,
  writeRefusedRows,
} from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { job } from "../kit.ts";
import { leaveAllAsPlanned } from "../planned-departure/store.ts";
import { identityIndex } from "../registry/identity-store.ts";
import { agesReader, insertWorks, lockWorkers, saveWorks } from "../work-record/bulk-store.ts";
import { findAmong, raise } from "../work-suspect/store.ts";
import { type ListKind, type ListLayout, limitsOf, listKinds, listLayouts } from "./layout.ts";
import { readListRow } from "./read-row.ts";
import { nextRows, stageRows, unstageRows } from "./store.ts";
import { Taking } from "./take.ts";

export const intake = "work-import";
const rowsPerChunk = 1_000;
const sources: Readonly<Record<ListKind, string>> = {
  "national-work": "national-system",
  "employer-roll": "employer-roll",
  "social-insurance": "social-insurance",
};

/** The file is read whole, since it may turn out broken further down; after that every step takes its rows from the table. */
const Checkpoint = z.discriminatedUnion("step", [
  z.object({ step: z.literal("read") }),
  z.object({ step: z.literal("take"), after: z.int() }),
  z.object({ step: z.literal("finish") }),
]);
type Checkpoint = z.infer<typeof Checkpoint>;
type Step = Parameters<JobKind<DB>["run"]>[0] & { list: ReceivedList; layout: ListLayout };
type Chunk = ChunkResult & { next?: Checkpoint };

/** E-01: takes a list of people at work into the work records: each row by the rules of an entry by hand, and one record whatever is sent how often. */
export const workImport = job({
  kind: intake,
  beside: true,
  run: async (given) => {
    const list = await listOfJob(given.tx, intake, given.input);
    const step: Step = { ...given, list, layout: listLayouts[z.enum(listKinds).parse(list.kind)] };
    const checkpoint = Checkpoint.parse(given.checkpoint ?? { step: "read" });
    if (checkpoint.step === "read") return await readFile(step);
    return checkpoint.step === "take" ? await takeNext(step, checkpoint.after) : await finish(step);
  },
});

async function readFile(step: Step): Promise<Chunk> {
  const { tx, keys, list, layout, now } = step;
  let nothing = 0;
  const read = await readWholeList(step, list, limitsOf(layout), {
    read: ({ line, cells }) => {
      const given = readListRow(layout.kind, cells, businessDate(now));
      if ("reasons" in given) return given;
      return {
        row: "nothing" in given ? undefined : { line, personIndex: identityIndex(keys, given.personKey), row: given.row },
      };
    },
    keep: async (rows: readonly (Parameters<typeof stageRows>[3][number] | undefined)[]) => {
      const staged = rows.filter((row) => row !== undefined);
      nothing += rows.length - staged.length;
      await stageRows(tx, keys, list, staged);
    },
    forget: () => unstageRows(tx, list.id),
  });
  return "ended" in read ? read.ended : { next: { step: "take", after: 0 }, totals: { ...read.totals, nothing } };
}

const notRegistered: RowReason = {
  rule: "not-registered",
  zh: "本辖区登记库中没有此证件号码的人员",
  en: "Nobody of this number is registered in the area",
};

async function takeNext(step: Step, after: number): Promise<Chunk> {
  const { tx, keys, list, actor, now, layout } = step;
  const rows = await nextRows(tx, keys, list.id, after, rowsPerChunk);
  const workers = await lockWorkers(
    tx,
    rows.flatMap(({ personId }) => personId ?? []),
  );
  const ages = agesReader(tx);
  const taking = new Taking({ keys, dataDate: list.dataDate, source: sources[layout.kind] });
  const totals: Record<string, number> = {};
  const count = (key: string, by = 1) => {
    totals[key] = (totals[key] ?? 0) + by;
  };
  const refused: [number, RowReason[]][] = [];
  for (const { line, personId, row } of rows) {
    const worker = workers.get(personId ?? "");
    const outcome = !worker
      ? { reasons: [notRegistered] }
      : row.says === "work"
        ? taking.work(worker, row, await ages(worker.region, row.from))
        : taking.insured(worker, row);
    if (typeof outcome === "string") count(outcome);
    else refused.push([line, outcome.reasons]);
  }
  await refuseRows(tx, list, refused);
  count("refused", refused.length);
  const last = rows.at(-1)?.line;
  const next: Checkpoint = rows.length < rowsPerChunk || last === undefined ? { step: "finish" } : { step: "take", after: last };
  // A trial looks at every row and writes nothing.
  if (list.dryRun) return { next, totals };
  const [fresh, changed] = [taking.fresh(), taking.changed()];
  await insertWorks(tx, keys, fresh, actor);
  await saveWorks(tx, keys, changed);
  await leaveAllAsPlanned(
    tx,
    fresh.flatMap(({ record }) => (record.until === null ? [record] : [])),
  );
  const touched = [...fresh, ...changed].map(({ record }) => record.personId);
  const found = [...taking.found, ...(await findAmong(tx, touched))];
  const suspects = await raise(tx, found, businessDate(now));
  count("suspects", suspects.length);
  return {
    next,
    totals,
    events: [...taking.events, ...suspects],
    audit: changed.map(({ record: { id, region, version } }) => ({
      ...{ action: "import-work-record", entity: "work-record", entityId: id, region, clause: "E-01" },
      changed: { importId: list.id, version },
    })),
  };
}

/** Writes the refused rows out as a workbook to mend, and tells that the list is in. */
async function finish(step: Step): Promise<Chunk> {
  const { tx, list, layout, totals } = step;
  const count = (...keys: string[]) => keys.reduce((sum, key) => sum + (totals[key] ?? 0), 0);
  await unstageRows(tx, list.id);
  const refused = count("refused");
  const errorsFile =
    refused > 0
      ? await writeRefusedRows(step, list, limitsOf(layout), `未导入-${layout.title.zh}-${list.dataDate}.xlsx`)
      : undefined;
  const about = { entity: "work-import", entityId: list.id, region: list.region, clause: "E-01" };
  const imported = {
    ...{ importId: list.id, layout: list.kind, region: list.region, rows: count("rows"), refused },
    taken: count("started", "changed", "ended"),
    unchanged: count("unchanged", "nothing", "agrees", "differs"),
  };
  return {
    totals: {},
    ...(errorsFile === undefined ? {} : { result: { errorsFile } }),
    // A trial took nothing in: there is nothing to tell.
    events: list.dryRun ? [] : [EmploymentImportFinished.of(list.id, 1, list.region, imported)],
    audit: [{ action: "finish-import", ...about, changed: totals }],
  };
}
