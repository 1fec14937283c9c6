import { buffer } from "node:stream/consumers";
import { Refusal } from "@shouwang/contract";
import { z } from "zod";
import { addDays, businessDate } from "./calendar.ts";
import { putFile } from "./file.ts";
import type { JobKind } from "./job.ts";
import { type ExportableList, rowOf } from "./list-export.ts";
import { dropParts, keepPart, keptRows, ListRow } from "./list-export-store.ts";
import { parameterFor } from "./parameter.ts";
import { type WriteRow, writeCsv, writeWorkbook, xlsx } from "./sheet-write.ts";

export const exportKind = "list-export";
export const exportInput = z.object({
  list: z.string(),
  filter: z.record(z.string(), z.string()),
  format: z.enum(["csv", "xlsx"]),
  purpose: z.string(),
});
const Checkpoint = z
  .object({
    cursor: z.string().optional(),
    part: z.int(),
    /** Rows kept since the last file. */
    kept: z.int(),
    keptBytes: z.int(),
    rows: z.int(),
    files: z.array(z.string()),
    listed: z.boolean(),
  })
  .default({ part: 0, kept: 0, keptBytes: 0, rows: 0, files: [], listed: false });
type Checkpoint = z.output<typeof Checkpoint>;
const Page = z.object({ items: z.array(z.unknown()), next: z.string().nullable() });

const pageRows = 200;
const chunk = { rows: 1_000, ms: 1_000 };
/** What goes into one file: it stays below what a stored file may weigh, and a longer list is several. Bytes are of the rows as they are kept, with the names of their columns. */
const file = { rows: 20_000, bytes: 8_000_000 };
/** Days a file can be fetched, by whoever asked for it. */
const keptDays = 7;
const mediaTypes = { csv: "text/csv; charset=utf-8", xlsx };

/** The parts of a question that are told from each other by where they stand in its address. */
export function questionOf<Db>(
  { route }: ExportableList<Db>,
  filter: Record<string, string>,
  page: { cursor?: string | undefined },
) {
  const inPath = new Set(Object.keys(route.params?.shape ?? {}));
  const [path, query]: [Record<string, string>, Record<string, string>] = [{}, {}];
  for (const [name, value] of Object.entries(filter)) (inPath.has(name) ? path : query)[name] = value;
  const { cursor } = page;
  return { path, query: { ...query, limit: String(pageRows), ...(cursor === undefined ? {} : { cursor }) } };
}

/**
 * Asks a list page after page, as its own route answers it to whoever asked for the file, with their area and their masks; each chunk keeps its rows, and
 * so many of them become a file. Killed, it goes on after the last chunk.
 */
export function exportJob<Db>(lists: ReadonlyMap<string, ExportableList<Db>>): JobKind<Db> {
  return {
    kind: exportKind,
    run: async ({ tx, jobId, region, input, checkpoint, actor, now, keys }) => {
      const asked = exportInput.parse(input);
      const list = lists.get(asked.list);
      if (!list) throw new Error(`${asked.list} cannot be a file`);
      const before = Checkpoint.parse(checkpoint);
      const today = businessDate(now);
      const most = (await parameterFor(tx, "export.maxRows", region, today)).value;
      if (before.kept >= file.rows || before.keptBytes >= file.bytes || before.listed) {
        const fileId = await writeFile();
        const files = [...before.files, fileId];
        await dropParts(tx, jobId);
        if (!before.listed) return { next: { ...before, kept: 0, keptBytes: 0, files }, totals: { files: 1 } };
        const complete = before.cursor === undefined;
        const changed = { list: asked.list, filter: asked.filter, rows: before.rows, files, complete };
        const about = {
          entity: "list",
          entityId: asked.list,
          region,
          purpose: `${asked.purpose} (${before.rows} ${asked.list} ${JSON.stringify(asked.filter)})`,
        };
        return {
          totals: { files: 1 },
          result: { files, rows: before.rows, complete },
          audit: [{ action: "export-list", ...about, changed }],
        };
      }
      const rows: WriteRow[] = [];
      const startedAt = performance.now();
      let { cursor } = before;
      let listed = false;
      while (!listed && rows.length < chunk.rows && (rows.length === 0 || performance.now() - startedAt < chunk.ms)) {
        const page = await ask(cursor);
        rows.push(...page.items.slice(0, most - before.rows - rows.length).map((item) => rowOf(list.columns, item)));
        cursor = page.next ?? undefined;
        listed = cursor === undefined || before.rows + rows.length >= most;
      }
      await keepPart(tx, keys, { jobId, n: before.part, region }, rows);
      const next: Checkpoint = {
        ...before,
        cursor,
        part: before.part + 1,
        kept: before.kept + rows.length,
        keptBytes: before.keptBytes + Buffer.byteLength(JSON.stringify(rows)),
        rows: before.rows + rows.length,
        listed,
      };
      return { next, totals: { rows: rows.length } };

      async function ask(after: string | undefined): Promise<z.output<typeof Page>> {
        if (!list) throw new Error("no list");
        const { route } = list;
        const { path, query } = questionOf(list, asked.filter, { cursor: after });
        const answer = await route.handle({
          tx,
          // Safe, here and below: a handler takes what its route's schemas parse, as it does when it is called by HTTP.
          params: route.params?.parse(path) as never,
          query: route.query?.parse(query) as never,
          body: undefined as never,
          actor,
          now,
          today,
          keys,
          expectedVersion: undefined,
          upload: undefined,
        });
        if (answer instanceof Refusal || !("reply" in answer)) throw new ListRefused();
        return Page.parse(route.reply.parse(answer.reply));
      }

      async function writeFile(): Promise<string> {
        if (!list) throw new Error("no list");
        const { columns, route } = list;
        const kept = keptRows(tx, keys, jobId, ListRow);
        const part = before.files.length + 1;
        const more = before.listed && before.cursor !== undefined ? `,已达上限,未完` : "";
        const note = `用途:${asked.purpose} 时间:${today} 第${part}份${more}`;
        const content = await buffer(
          asked.format === "csv"
            ? writeCsv({ columns, rows: kept })
            : writeWorkbook({
                sheetName: "导出",
                title: route.summary.zh.slice(0, 60),
                note,
                columns,
                rows: kept,
                watermark: actor.subject,
              }),
        );
        return await putFile(tx, keys, actor, {
          region,
          name: `${asked.list}-${today}-${part}.${asked.format}`,
          mediaType: mediaTypes[asked.format],
          content,
          purpose: exportKind,
          expiresOn: addDays(today, keptDays),
        });
      }
    },
  };
}

/** The list itself refuses what was asked: a month that is not there any more, a right that was taken. */
class ListRefused extends Error {
  override name = "ListRefused";
}
