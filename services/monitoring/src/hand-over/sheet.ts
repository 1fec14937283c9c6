import { buffer } from "node:stream/consumers";
import { type EventDraft, refuse } from "@shouwang/contract";
import { toRegionCode } from "@shouwang/regions";
import {
  type AuditEntry,
  actorOf,
  type BusinessDate,
  type FailingRow,
  inSavepoint,
  type Keys,
  listKeptUntil,
  type Principal,
  putFile,
  readSheet,
  type Sheet,
  SheetRefusal,
  type Tx,
  writeErrorWorkbook,
  xlsx,
} from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { lockHouseholds, moveToGrid } from "../helper/grid-store.ts";
import { isGridWorker } from "../helper/grid-worker-store.ts";
import { reassignHelper } from "../helper/reassign.ts";
import { helpersOf } from "../helper/store.ts";
import { command } from "../kit.ts";
import { findOpenCase } from "../monitored-case/store.ts";
import { markVillages } from "../round/store.ts";
import { type Reassignment, type RowReason, readReassignment, sheetColumns } from "./sheet-decide.ts";
import { householdsNumbered } from "./store.ts";

/** A sheet is taken in the request itself, so that its answer is the whole of it; more than a township's changes come in several. */
const mostRows = 500;

type Given = { tx: Tx<DB>; keys: Keys; actor: Principal; now: Date; today: BusinessDate };
type Row =
  | { outcome: "moved" | "unchanged"; events: EventDraft[]; audit: AuditEntry[] }
  | { outcome: "refused"; reasons: readonly RowReason[] };
const no = (zh: string, en: string): Row => ({ outcome: "refused", reasons: [{ zh, en }] });

export const uploadReassignments = command(
  {
    method: "post",
    operation: "upload-reassignments",
    path: "/reassignment-sheets",
    summary: {
      zh: "批量调整帮扶责任人、网格员(表格)",
      en: "Change helpers and grid workers by a sheet: the good lines are done, the bad ones come back with their reasons",
    },
    clauses: ["M-02", "M-04a"],
    allow: ["township-officer", "county-officer"],
    body: z.object({
      dryRun: z.stringbool().default(false).describe("Everything is tried and nothing changed"),
    }),
    upload: true,
    reply: z.object({
      rows: z.int(),
      moved: z.int(),
      unchanged: z.int().describe("It was so already"),
      refused: z.int(),
      dryRun: z.boolean(),
      errorFileId: z.string().nullable().describe("The refused lines with their reasons, to be mended and sent again"),
    }),
    problems: ["list-columns-missing", "list-unreadable"],
  },
  async ({ tx, body, upload, actor, keys, now, today }) => {
    if (!upload) throw new Error("the kit calls an upload without its file");
    const sheet = await readSheet(upload.content, { columns: sheetColumns, maxRows: mostRows });
    if (!sheet.ok)
      return refuse(sheet.columns ? "list-columns-missing" : "list-unreadable", { detail: { zh: sheet.zh, en: sheet.en } });
    const given = { tx, keys, actor, now, today };
    const done = await inSavepoint(
      tx,
      "reassignments",
      () => !body.dryRun,
      () => takeRows(sheet, given),
    );
    if (done instanceof SheetRefusal) return refuse("list-unreadable", { detail: { zh: done.failure.zh, en: done.failure.en } });
    const region = toRegionCode(actor.region);
    const errorFileId =
      done.failing.length === 0
        ? null
        : await putFile(tx, keys, actor, {
            region,
            name: "人员调整-问题数据.xlsx",
            mediaType: xlsx,
            content: await buffer(writeErrorWorkbook(sheet.columns, done.failing)),
            purpose: "reassignment",
            expiresOn: await listKeptUntil(tx, region, today),
          });
    const counts = { rows: done.rows, moved: done.moved, unchanged: done.unchanged, refused: done.failing.length };
    const about = { action: "upload-reassignments", entity: "reassignment-sheet", entityId: region, region, clause: "M-02" };
    return {
      reply: { ...counts, dryRun: body.dryRun, errorFileId },
      events: body.dryRun ? [] : done.events,
      audit: [{ ...about, changed: { ...counts, dryRun: body.dryRun } }, ...(body.dryRun ? [] : done.audit)],
    };
  },
);

/** Goes through a sheet's lines in their order; what is wrong with one keeps none of the others back. */
async function takeRows(sheet: Sheet<(typeof sheetColumns)[number]["key"]>, given: Given) {
  const done = {
    rows: 0,
    moved: 0,
    unchanged: 0,
    failing: [] as FailingRow[],
    events: [] as EventDraft[],
    audit: [] as AuditEntry[],
  };
  try {
    for await (const { line, cells } of sheet.rows) {
      done.rows += 1;
      const asked = readReassignment(cells);
      const row: Row = "office" in asked ? await reassign(asked, given) : { outcome: "refused", reasons: asked };
      if (row.outcome === "refused") {
        done.failing.push({ line, cells, reasons: row.reasons });
        continue;
      }
      done[row.outcome] += 1;
      done.events.push(...row.events);
      done.audit.push(...row.audit);
    }
  } catch (error) {
    if (error instanceof SheetRefusal) return error;
    throw error;
  }
  return done;
}

async function reassign(asked: Reassignment, given: Given): Promise<Row> {
  const [household, second] = await householdsNumbered(given.tx, asked.household);
  if (!household) return no("本区域没有这个户编号", "No household of the area has this number");
  if (second) return no("多户同号,请先更正户编号", "Several households have this number: correct it first");
  const about = { entityId: household, region: given.actor.region.padEnd(12, "0"), clause: "M-02", changed: { to: asked.to } };
  return asked.office === "helper"
    ? await passHelp(asked, household, given)
    : await passGrid(asked.to, household, { ...given, audit: { action: "reassign-grid", entity: "household", ...about } });
}

async function passHelp(asked: Reassignment & { office: "helper" }, household: string, given: Given): Promise<Row> {
  const monitored = await findOpenCase(given.tx, household);
  const active = monitored ? (await helpersOf(given.tx, monitored.id)).filter((helper) => helper.until === null) : [];
  const named = asked.from === null ? active : active.filter(({ subject }) => subject === asked.from);
  const [helper] = named;
  if (!helper) return no("没有可调整的在任帮扶责任人", "No helper answers for it who could be replaced");
  if (named.length > 1) return no("有多名帮扶责任人,请填原责任人登录名", "Several helpers answer for it: say which");
  if (helper.subject === asked.to) return { outcome: "unchanged", events: [], audit: [] };
  const secret = { name: asked.name, unit: asked.unit, phone: asked.phone };
  const by = actorOf(given.actor);
  const done = await reassignHelper(given.tx, given.keys, helper.id, {
    to: asked.to,
    secret,
    by,
    now: given.now,
    today: given.today,
  });
  if (done.outcome === "ended-before") return no("该责任人刚被解除", "The helper has just been released");
  const about = { action: "reassign-helper", entity: "helper", entityId: helper.id, region: helper.region, clause: "M-04a" };
  return { outcome: "moved", events: done.events, audit: [{ ...about, changed: { to: asked.to } }] };
}

async function passGrid(to: string, household: string, given: Given & { audit: AuditEntry }): Promise<Row> {
  const { tx, today } = given;
  const [held] = await lockHouseholds(tx, [household]);
  if (!held) return no("该户已注销", "The household is no longer active");
  if (!(await isGridWorker(tx, held.place, to)))
    return no("接手人不是该村在任网格员", "The successor is no grid worker of that village");
  const { moved } = await moveToGrid(tx, { subject: to, region: held.place, households: [held.id], today });
  if (moved === 0) return { outcome: "unchanged", events: [], audit: [] };
  await markVillages(tx, [{ month: today.slice(0, 7), place: held.place }]);
  return { outcome: "moved", events: [], audit: [{ ...given.audit, region: held.place }] };
}
