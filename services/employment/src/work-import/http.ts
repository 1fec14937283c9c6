import { buffer } from "node:stream/consumers";
import { refuse } from "@shouwang/contract";
import {
  afterCursor,
  cutPage,
  everyone,
  findJob,
  findReceivedList,
  ListBody,
  listProblems,
  PageQuery,
  pageOf,
  receivedLists,
  receiveList,
  writeWorkbook,
  xlsx,
} from "@shouwang/service-kit";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { intake, workImport } from "./job.ts";
import { limitsOf, listKinds, listLayouts } from "./layout.ts";
import { ImportProgress, ImportView, importProgress, importView } from "./views.ts";

const Kind = z
  .enum(listKinds)
  .describe("What list it is: the national system's sheet, an employer's roll, or a list of insurances");

const importWork = command(
  {
    method: "post",
    operation: "import-work-records",
    path: "/work-imports",
    summary: {
      zh: "导入务工名单:国家系统外出务工表、企业花名册、社保参保名单(可先试导入)",
      en: "Take in a list of people at work, one row a person; a trial looks at every row and records nothing",
    },
    clauses: ["E-01"],
    allow: ["county-officer", "township-officer", "department-officer"],
    body: ListBody.extend({ kind: Kind, dryRun: z.stringbool().default(false).describe("A trial") }),
    upload: true,
    reply: z.object({ importId: z.string(), jobId: z.string() }),
    status: 202,
    problems: [...listProblems],
  },
  async ({ tx, body, upload, actor, keys, now, today }) => {
    const layout = listLayouts[body.kind];
    const { list, refusal } = await receiveList(
      { tx, upload, actor, keys, now, today },
      { ...body, intake, job: intake, title: layout.title.zh, limits: limitsOf(layout), clause: "E-01" },
    );
    if (refusal) return refusal;
    const about = { entity: "work-import", entityId: list.id, region: list.region, clause: "E-01" };
    return {
      reply: { importId: list.id, jobId: list.jobId },
      audit: [{ action: "import-work-records", ...about, changed: body }],
    };
  },
);

const listImportsRoute = query(
  {
    operation: "list-work-imports",
    path: "/work-imports",
    summary: { zh: "务工名单导入批次", en: "List the lists that were taken in, the newest first" },
    clauses: ["E-01"],
    allow: everyone,
    query: PageQuery,
    reply: pageOf(ImportView),
    problems: [],
  },
  async ({ tx, query: { cursor, limit } }) => {
    const page = cutPage(await receivedLists(tx, intake, { after: afterCursor(cursor), limit }), limit, (list) => list.id);
    return { reply: { items: page.items.map(importView), next: page.next } };
  },
);

const readImport = query(
  {
    operation: "read-work-import",
    path: "/work-imports/{importId}",
    summary: { zh: "查看导入进度和结果", en: "Read how far an import is, and what came of it" },
    clauses: ["E-01"],
    allow: everyone,
    params: z.object({ importId: z.uuid() }),
    reply: ImportProgress,
    problems: ["work-import-not-found"],
  },
  async ({ tx, params }) => {
    const list = await findReceivedList(tx, intake, params.importId);
    const work = list && (await findJob(tx, list.jobId));
    return list && work ? { reply: importProgress(list, work) } : refuse("work-import-not-found");
  },
);

const readTemplate = query(
  {
    operation: "read-work-import-template",
    path: "/work-import-templates/{kind}",
    summary: { zh: "下载务工名单模板", en: "An empty list with its header, to be filled in" },
    clauses: ["E-01"],
    allow: everyone,
    params: z.object({ kind: Kind }),
    reply: z.object({}),
    downloads: [xlsx],
    problems: [],
  },
  async ({ params: { kind } }) => {
    const { title, columns } = listLayouts[kind];
    const spec = columns.map(({ key, titles: [first = key] }) => ({ key, title: first, text: true }));
    const content = await buffer(writeWorkbook({ sheetName: title.zh, columns: spec, rows: [] }));
    return { download: { name: `${title.zh}模板.xlsx`, mediaType: xlsx, content } };
  },
);

/** E-01: who is at work where, taken from the lists that others keep, by the rules of an entry by hand. */
export const workImportSlice = slice({
  name: "work-import",
  title: { zh: "务工名单导入", en: "Import of work records" },
  routes: [importWork, listImportsRoute, readImport, readTemplate],
  jobs: [workImport],
});
