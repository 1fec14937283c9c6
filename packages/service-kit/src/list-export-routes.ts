import { type Role, refuse } from "@shouwang/contract";
import { z } from "zod";
import { kitFor, type Route } from "./declare.ts";
import { requestJob } from "./job.ts";
import type { ExportableList } from "./list-export.ts";
import { exportInput, exportKind, questionOf } from "./list-export-job.ts";
import { askedLately } from "./list-export-store.ts";
import { fieldErrors, invalidInput } from "./problem.ts";

/** Files of lists one person may ask for in an hour. */
const mostAnHour = 20;

/** Offices that may fetch files, each of the lists it may read. Assigned people see households one by one and take no lists with them. */
const takers: readonly Role[] = [
  "region-officer",
  "city-officer",
  "county-officer",
  "township-officer",
  "village-officer",
  "department-officer",
  "auditor",
];

/** The routes by which any list that says so where it is declared is asked for as a file. */
export function exportRoutes<Db>(lists: ReadonlyMap<string, ExportableList<Db>>): Route<Db>[] {
  const { command, query } = kitFor<Db>();
  if (lists.size === 0) return [];
  return [
    command(
      {
        method: "post",
        operation: "export-list",
        path: "/exports",
        summary: {
          zh: "导出清单(脱敏,须说明用途;后台生成,7日内由本人下载)",
          en: "Ask for a list as a file: masked, with a purpose; written by a job, fetched within 7 days by whoever asked",
        },
        allow: takers,
        body: z.object({
          list: z.string().max(60).describe("Operation of the list, as `GET /exports` names it"),
          filter: z
            .record(z.string().max(40), z.union([z.string().max(200), z.number(), z.boolean()]))
            .default({})
            .describe("What the list itself is asked with, in its path and its query"),
          format: exportInput.shape.format,
          purpose: z.string().trim().min(4).max(120).describe("Kept in the audit"),
        }),
        reply: z.object({ jobId: z.string().describe("Its result names the files, for `GET /files/{fileId}`") }),
        status: 202,
        problems: ["invalid-input", "role-not-allowed", "rate-limited"],
      },
      async ({ tx, body, actor }) => {
        const list = lists.get(body.list);
        if (!list) {
          const [zh, en] = ["没有这个可导出的清单", "No such list can be a file"];
          return invalidInput([{ pointer: "/list", rule: "exportable-list", zh, en }]);
        }
        if (!list.route.allow.some((role) => actor.roles.includes(role))) return refuse("role-not-allowed");
        const filter = Object.fromEntries(Object.entries(body.filter).map(([name, value]) => [name, String(value)]));
        const wrong = wrongFilter(list, filter);
        if (wrong.length > 0) return invalidInput(wrong);
        if ((await askedLately(tx, exportKind, actor)) >= mostAnHour) return refuse("rate-limited", { retryAfterS: 3_600 });
        const region = actor.region.padEnd(12, "0");
        const { purpose, format } = body;
        const jobId = await requestJob(tx, actor, {
          kind: exportKind,
          region,
          input: { list: body.list, filter, format, purpose },
        });
        const about = { action: "ask-list-export", entity: "list", entityId: body.list, region, purpose };
        return { reply: { jobId }, audit: [{ ...about, changed: { jobId, filter, format } }] };
      },
    ),
    query(
      {
        operation: "list-exportable-lists",
        path: "/exports",
        summary: { zh: "可导出的清单", en: "Lists that may be asked for as a file, with their columns" },
        allow: takers,
        reply: z.object({
          items: z.array(
            z.object({
              list: z.string(),
              title: z.object({ zh: z.string(), en: z.string() }),
              columns: z.array(z.string()),
              filter: z.array(z.string()).describe("What it may be asked with"),
            }),
          ),
        }),
        problems: [],
      },
      async ({ actor }) => ({
        reply: {
          items: [...lists.values()]
            .filter(({ route }) => route.allow.some((role) => actor.roles.includes(role)))
            .map(({ route, columns }) => ({
              list: route.operation,
              title: route.summary,
              columns: columns.map(({ title }) => title),
              filter: [...Object.keys(route.params?.shape ?? {}), ...Object.keys(route.query?.shape ?? {})].filter(
                (name) => name !== "cursor" && name !== "limit",
              ),
            })),
        },
      }),
    ),
  ];
}

/** What the list itself would refuse of its address, said of the filter. */
function wrongFilter<Db>(list: ExportableList<Db>, filter: Record<string, string>) {
  const asked = questionOf(list, filter, {});
  return [[list.route.params, asked.path] as const, [list.route.query, asked.query] as const].flatMap(([schema, value]) => {
    const parsed = schema?.safeParse(value);
    if (parsed === undefined || parsed.success) return [];
    return fieldErrors(parsed.error, "", value).map((error) => ({ ...error, pointer: `/filter${error.pointer}` }));
  });
}
