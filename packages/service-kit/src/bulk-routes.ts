import { buffer } from "node:stream/consumers";
import { Bilingual, problems, Reason, refuse } from "@shouwang/contract";
import { z } from "zod";
import { type Bulk, type BulkChoice, bulkMost } from "./bulk.ts";
import { bulkKind, bulksOf } from "./bulk-job.ts";
import { type BulkItem, freezeItems, itemsOf } from "./bulk-store.ts";
import type { Tx } from "./database.ts";
import { kitFor, type Route, type Service } from "./declare.ts";
import { findJob, requestJob } from "./job.ts";
import { everyone } from "./offices.ts";
import { afterCursor, cutPage, PageQuery, pageOf } from "./page.ts";
import { mayReach, type Principal } from "./principal.ts";
import { writeWorkbook, xlsx } from "./sheet-write.ts";

const JobPath = z.object({ jobId: z.uuid() });
const State = z.enum(["waiting", "succeeded", "refused", "skipped"]);

const ItemView = z.object({
  id: z.string().describe("The thing the command was for"),
  state: State.describe("skipped: it was done already"),
  expectedVersion: z.int().describe("The version it had when it was chosen"),
  version: z.int().nullable().describe("Its version afterwards"),
  problem: z
    .object({
      code: z.string(),
      title: Bilingual,
      detail: Bilingual.nullable(),
      errors: z.array(z.object({ pointer: z.string(), rule: z.string(), zh: z.string(), en: z.string() })),
      reasons: z.array(Reason),
    })
    .nullable()
    .describe("Why it was refused, as the single command says it"),
  doneAt: z.string().nullable(),
});

const viewOf = (item: BulkItem): z.input<typeof ItemView> => ({
  id: item.itemId,
  state: item.state,
  expectedVersion: item.expectedVersion,
  version: item.version,
  problem: item.problem && {
    code: item.problem,
    title: { zh: problems[item.problem].zh, en: problems[item.problem].en },
    detail: item.because?.detail ?? null,
    errors: (item.because?.errors ?? []).map(({ pointer, rule, zh, en }) => ({ pointer, rule, zh, en })),
    reasons: [...(item.because?.reasons ?? [])],
  },
  doneAt: item.doneAt?.toISOString() ?? null,
});

/** The routes that give a department's commands in bulk, and tell what became of each thing. */
export function bulkRoutes<Db>(service: Service<Db>): Route<Db>[] {
  const bulks = bulksOf(service);
  return bulks.length === 0 ? [] : [...bulks.map(requestRoute), listRoute<Db>(), workbookRoute<Db>()];
}

function requestRoute<Db>(bulk: Bulk<Db>): Route<Db> {
  const { of, filter } = bulk;
  return kitFor<Db>().command(
    {
      method: "post",
      operation: `bulk-${of.operation}`,
      path: `/bulk/${of.operation}`,
      summary: { zh: `批量办理:${of.summary.zh}`, en: `In bulk: ${of.summary.en}` },
      clauses: of.clauses,
      allow: of.allow,
      body: z.object({
        items: z
          .array(z.object({ id: z.uuid(), version: z.int().min(1) }))
          .min(1)
          .max(bulkMost)
          .optional()
          .describe("Each thing with the version it was seen at; or `filter` instead"),
        filter: filter.optional().describe("What chooses the things; they are frozen to a list before the first is done"),
        each: (of.body ?? z.object({})).describe("The single command's body, the same for each"),
      }),
      reply: z.object({ jobId: z.string(), items: z.int().describe("How many were chosen") }),
      status: 202,
      problems: ["invalid-input"],
    },
    async ({ tx, body, actor, today }) => {
      const wrong = wrongChoice(body);
      if (wrong) return wrong;
      const chosen = body.items ?? (await bulk.choose({ tx, filter: body.filter, actor, today, limit: bulkMost + 1 }));
      if (chosen.length > bulkMost)
        return badField("/filter", "at-most", `一次最多 ${bulkMost} 件,请缩小范围`, `At most ${bulkMost} at once: choose fewer`);
      const jobId = await startBulk(tx, actor, bulk, { chosen, each: body.each });
      const about = { action: `bulk-${of.operation}`, entity: "job", entityId: jobId, region: actor.region.padEnd(12, "0") };
      return {
        reply: { jobId, items: chosen.length },
        audit: [{ ...about, clause: of.clauses[0], changed: { items: chosen.length, each: body.each } }],
      };
    },
  );
}

const badField = (pointer: string, rule: string, zh: string, en: string) =>
  refuse("invalid-input", { errors: [{ pointer, rule, zh, en }] });

/** The things are named, or chosen by a filter, never both; and none is named twice. */
function wrongChoice({ items, filter }: { items?: readonly BulkChoice[] | undefined; filter?: unknown }) {
  if ((items === undefined) === (filter === undefined))
    return badField(
      "/items",
      "items-or-filter",
      "请逐件列出,或给出筛选条件,二者选一",
      "Name the things, or a filter that chooses them: one of the two",
    );
  if (items && new Set(items.map(({ id }) => id)).size < items.length)
    return badField("/items", "once-each", "同一件列了两次", "The same thing stands twice");
  return undefined;
}

async function startBulk<Db>(
  tx: Tx<Db>,
  actor: Principal,
  bulk: Bulk<Db>,
  given: { chosen: readonly BulkChoice[]; each: unknown },
): Promise<string> {
  const region = actor.region.padEnd(12, "0");
  const input = { operation: bulk.of.operation, each: given.each };
  const jobId = await requestJob(tx, actor, { kind: bulkKind, region, input });
  await freezeItems(tx, jobId, region, given.chosen);
  return jobId;
}

const listRoute = <Db>(): Route<Db> =>
  kitFor<Db>().query(
    {
      operation: "list-bulk-items",
      path: "/bulk-jobs/{jobId}/items",
      summary: { zh: "批量办理结果", en: "What became of each thing of a bulk command" },
      allow: everyone,
      params: JobPath,
      query: PageQuery.extend({ state: State.optional() }),
      reply: pageOf(ItemView),
      problems: ["not-found"],
    },
    async ({ tx, params, query: { state, cursor, limit }, actor }) => {
      if (!(await isBulkFor(tx, actor, params.jobId))) return refuse("not-found");
      const page = cutPage(await itemsOf(tx, params.jobId, { state, after: afterCursor(cursor), limit }), limit, ({ id }) => id);
      return { reply: { items: page.items.map(viewOf), next: page.next } };
    },
  );

const inChinese = { waiting: "待办", succeeded: "已办", refused: "未通过", skipped: "此前已办" };

const workbookRoute = <Db>(): Route<Db> =>
  kitFor<Db>().query(
    {
      operation: "download-bulk-items",
      path: "/bulk-jobs/{jobId}/workbook",
      summary: { zh: "下载批量办理结果(XLSX)", en: "What became of each thing, as a workbook" },
      allow: everyone,
      params: JobPath,
      reply: z.object({}),
      downloads: [xlsx],
      problems: ["not-found"],
    },
    async ({ tx, params, actor }) => {
      if (!(await isBulkFor(tx, actor, params.jobId))) return refuse("not-found");
      const items = await itemsOf(tx, params.jobId, { after: undefined, limit: bulkMost });
      const content = await buffer(
        writeWorkbook({
          sheetName: "办理结果",
          columns: [
            { key: "id", title: "编号", width: 38, text: true },
            { key: "state", title: "结果", width: 10 },
            { key: "problem", title: "原因", width: 40, text: true },
            { key: "reasons", title: "依据", width: 60, text: true },
            { key: "doneAt", title: "办理时间", width: 26, text: true },
          ],
          rows: items.map((item) => ({
            id: item.itemId,
            state: inChinese[item.state],
            problem: item.problem && [problems[item.problem].zh, item.because?.detail?.zh].filter(Boolean).join(":"),
            reasons: [...(item.because?.reasons ?? []), ...(item.because?.errors ?? [])].map(({ zh }) => zh).join(";"),
            doneAt: item.doneAt?.toISOString() ?? null,
          })),
        }),
      );
      const about = {
        action: "download-bulk-items",
        entity: "job",
        entityId: params.jobId,
        region: actor.region.padEnd(12, "0"),
      };
      return { download: { name: "批量办理结果.xlsx", mediaType: xlsx, content }, audit: [about] };
    },
  );

/** Whether a job is a bulk command that lies in somebody's area. */
async function isBulkFor<Db>(tx: Tx<Db>, actor: Principal, jobId: string): Promise<boolean> {
  const job = await findJob(tx, jobId);
  return job !== undefined && job.kind === bulkKind && mayReach(actor, job.region);
}
