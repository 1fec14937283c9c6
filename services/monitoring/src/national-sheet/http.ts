import { HouseholdId, refuse } from "@shouwang/contract";
import { findDivision } from "@shouwang/regions";
import {
  afterCursor,
  cutPage,
  everyone,
  findJob,
  findReceivedList,
  ListBody,
  listProblems,
  mayReach,
  PageQuery,
  pageOf,
  receivedLists,
  receiveList,
  requestJob,
} from "@shouwang/service-kit";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { adoptDifference } from "./adopt.ts";
import { listDifferences } from "./difference-store.ts";
import { exportJob, exportNationalSheet } from "./export-job.ts";
import { compareNationalSheet, intake, nationalJob, sheetLimits } from "./job.ts";
import type { NationalLayout } from "./layout.ts";
import { findNationalLayout, nationalLayouts } from "./layouts.ts";
import {
  DifferenceView,
  differenceView,
  LayoutView,
  layoutView,
  SheetProgress,
  SheetView,
  sheetProgress,
  sheetView,
} from "./views.ts";

const kinds = nationalLayouts.map(({ kind }) => kind);
// Safe: there are layouts.
const Kind = z.enum(kinds as [string, ...string[]]).describe("Kind of sheet, as `GET /national-layouts` names them");
const layoutOf = (kind: string): NationalLayout => {
  const layout = findNationalLayout(kind);
  if (!layout) throw new Error(`the schema lets a kind pass that has no layout: ${kind}`);
  return layout;
};
const SheetPath = z.object({ sheetId: z.uuid() });
const officers = ["county-officer", "township-officer"] as const;

const uploadSheet = command(
  {
    method: "post",
    operation: "upload-national-sheet",
    path: "/national-sheets",
    summary: {
      zh: "导入国家系统导出表并比对(不覆盖本地数据)",
      en: "Compare a sheet of the national system with the registry; nothing is taken over",
    },
    clauses: ["M-01"],
    allow: officers,
    body: ListBody.extend({
      kind: Kind,
      document: ListBody.shape.document.describe("What the export is called or came with"),
      dryRun: z.stringbool().default(false).describe("Only list what differs; nobody is asked"),
    }),
    upload: true,
    reply: z.object({ sheetId: z.string(), jobId: z.string() }),
    status: 202,
    problems: [...listProblems],
  },
  async ({ tx, body, upload, actor, keys, now, today }) => {
    const layout = layoutOf(body.kind);
    const { list, refusal } = await receiveList(
      { tx, upload, actor, keys, now, today },
      { ...body, intake, job: nationalJob, title: layout.title.zh, limits: sheetLimits(layout), clause: "M-01" },
    );
    if (refusal) return refusal;
    const audit = {
      action: "upload-national-sheet",
      entity: "national-sheet",
      entityId: list.id,
      region: list.region,
      clause: "M-01",
    };
    return { reply: { sheetId: list.id, jobId: list.jobId }, audit: [{ ...audit, changed: body }] };
  },
);

const listSheetsRoute = query(
  {
    operation: "list-national-sheets",
    path: "/national-sheets",
    summary: { zh: "国家系统比对批次", en: "Sheets of the national system that were compared" },
    clauses: ["M-01"],
    allow: everyone,
    query: PageQuery,
    reply: pageOf(SheetView),
    problems: [],
  },
  async ({ tx, query: { cursor, limit } }) => {
    const page = cutPage(await receivedLists(tx, intake, { after: afterCursor(cursor), limit }), limit, (sheet) => sheet.id);
    return { reply: { items: page.items.map(sheetView), next: page.next } };
  },
);

const readSheetRoute = query(
  {
    operation: "read-national-sheet",
    path: "/national-sheets/{sheetId}",
    summary: { zh: "查看比对进度和结果", en: "How far a comparison is, and what came of it" },
    clauses: ["M-01"],
    allow: everyone,
    params: SheetPath,
    reply: SheetProgress,
    problems: ["national-sheet-not-found"],
  },
  async ({ tx, params }) => {
    const sheet = await findReceivedList(tx, intake, params.sheetId);
    const job = sheet && (await findJob(tx, sheet.jobId));
    return sheet && job ? { reply: sheetProgress(sheet, job) } : refuse("national-sheet-not-found");
  },
);

const listDifferencesRoute = query(
  {
    operation: "list-national-differences",
    path: "/national-differences",
    summary: {
      zh: "与国家系统的差异清单(逐户逐人逐项,脱敏)",
      en: "What the two say differently, by household, person and field; masked",
    },
    clauses: ["M-01"],
    allow: everyone,
    query: PageQuery.extend({
      sheetId: z.uuid().optional(),
      state: DifferenceView.shape.state.optional(),
      field: z.string().max(40).optional(),
      householdId: HouseholdId.optional(),
      open: z.stringbool().optional().describe("Only those a suspect about which is still open"),
    }),
    reply: pageOf(DifferenceView),
    problems: [],
  },
  async ({ tx, query: { cursor, limit, ...filter } }) => {
    // A village does not see the county's sheet, and sees what it says of the village's own households.
    const rows = await listDifferences(tx, { ...filter, after: afterCursor(cursor), limit });
    const page = cutPage(rows, limit, (row) => row.id);
    return { reply: { items: page.items.map(differenceView), next: page.next } };
  },
);

const listLayouts = query(
  {
    operation: "list-national-layouts",
    path: "/national-layouts",
    summary: { zh: "国家系统表样", en: "Sheets of the national system: columns, titles, words" },
    clauses: ["M-01"],
    allow: everyone,
    reply: z.object({ items: z.array(LayoutView) }),
    problems: [],
  },
  async () => ({ reply: { items: nationalLayouts.map(layoutView) } }),
);

const exportSheet = command(
  {
    method: "post",
    operation: "export-national-sheet",
    path: "/national-exports",
    summary: {
      zh: "按国家系统导入表样导出(默认脱敏;原文须有权限并说明用途)",
      en: "Write the registry in the national system's layout, a file a township: masked, or in full with the right and a purpose",
    },
    clauses: ["M-01"],
    allow: [...officers, "village-officer"],
    body: z.object({
      kind: Kind,
      region: z
        .string()
        .regex(/^\d{6}(\d{3}(\d{3})?)?$/)
        .describe("A county, a township or a village"),
      purpose: z.string().trim().min(4).max(120).describe("What the copy is for; recorded with it"),
      full: z.boolean().default(false).describe("Names, numbers and phones in clear"),
    }),
    reply: z.object({ jobId: z.string() }),
    status: 202,
    problems: ["role-not-allowed", "unknown-division", "outside-area"],
  },
  async ({ tx, body, actor }) => {
    if (body.full && !officers.some((role) => actor.roles.includes(role)))
      return refuse("role-not-allowed", {
        detail: { zh: "原文导出限县、乡镇办理", en: "A full copy is the county's and the township's to take" },
      });
    const division = findDivision(body.region.padEnd(12, "0"));
    if (!division) return refuse("unknown-division");
    if (!mayReach(actor, division.code)) return refuse("outside-area");
    const jobId = await requestJob(tx, actor, { kind: exportJob, region: division.code, input: body });
    const about = {
      action: "ask-national-export",
      entity: "national-sheet",
      entityId: jobId,
      region: division.code,
      clause: "M-01",
    };
    return { reply: { jobId }, audit: [{ ...about, purpose: body.purpose, changed: { kind: body.kind, full: body.full } }] };
  },
);

/** M-01: one registry beside the national system, so that what differs is seen and nobody types a household twice. */
export const nationalSheetSlice = slice({
  name: "national-sheet",
  title: { zh: "国家系统比对", en: "The national system's sheets" },
  routes: [uploadSheet, listSheetsRoute, readSheetRoute, listDifferencesRoute, listLayouts, exportSheet, adoptDifference],
  jobs: [compareNationalSheet, exportNationalSheet],
});
