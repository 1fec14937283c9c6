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
import { registrars } from "../household/entry.ts";
import { command, query, slice } from "../kit.ts";
import { householdImport, importJob, intake } from "./job.ts";
import { importColumns, importLimits } from "./layout.ts";
import { ImportProgress, ImportView, importProgress, importView } from "./views.ts";

const importHouseholds = command(
  {
    method: "post",
    operation: "import-households",
    path: "/household-imports",
    summary: {
      zh: "批量登记农户(可先试导入)",
      en: "Register the households of a list, one row a person; a trial checks every row and registers nothing",
    },
    clauses: ["M-01"],
    allow: registrars,
    body: ListBody.extend({ dryRun: z.stringbool().default(false).describe("A trial") }),
    upload: true,
    reply: z.object({ importId: z.string(), jobId: z.string() }),
    status: 202,
    problems: [...listProblems],
  },
  async ({ tx, body, upload, actor, keys, now, today }) => {
    const { list, refusal } = await receiveList(
      { tx, upload, actor, keys, now, today },
      {
        ...{ ...body, intake, kind: "household-members", job: importJob, title: "农户名单" },
        ...{ limits: importLimits, clause: "M-01" },
      },
    );
    if (refusal) return refusal;
    const audit = {
      action: "import-households",
      entity: "household-import",
      entityId: list.id,
      region: list.region,
      clause: "M-01",
    };
    return { reply: { importId: list.id, jobId: list.jobId }, audit: [{ ...audit, changed: body }] };
  },
);

const listImportsRoute = query(
  {
    operation: "list-household-imports",
    path: "/household-imports",
    summary: { zh: "批量登记批次", en: "List the imports of households, the newest first" },
    clauses: ["M-01"],
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
    operation: "read-household-import",
    path: "/household-imports/{importId}",
    summary: { zh: "查看批量登记进度", en: "Read how far an import is, and what came of it" },
    clauses: ["M-01"],
    allow: everyone,
    params: z.object({ importId: z.uuid() }),
    reply: ImportProgress,
    problems: ["import-not-found"],
  },
  async ({ tx, params }) => {
    const list = await findReceivedList(tx, intake, params.importId);
    const work = list && (await findJob(tx, list.jobId));
    return list && work ? { reply: importProgress(list, work) } : refuse("import-not-found");
  },
);

const readTemplate = query(
  {
    operation: "read-household-import-template",
    path: "/household-import-template",
    summary: { zh: "下载农户名单模板", en: "An empty list with its header, to be filled in" },
    clauses: ["M-01"],
    allow: everyone,
    reply: z.object({}),
    problems: [],
  },
  async () => {
    const columns = importColumns.map(({ key, titles: [title = key] }) => ({ key, title, text: true }));
    const content = await buffer(writeWorkbook({ sheetName: "农户名单", columns, rows: [] }));
    return { download: { name: "农户名单模板.xlsx", mediaType: xlsx, content } };
  },
);

/** M-01: the registry filled from lists, by the same rules as an entry by hand. */
export const householdImportSlice = slice({
  name: "household-import",
  title: { zh: "批量登记农户", en: "Import of households" },
  routes: [importHouseholds, listImportsRoute, readImport, readTemplate],
  jobs: [householdImport],
});
