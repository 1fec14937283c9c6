import { Bilingual, type Role, refuse } from "@shouwang/contract";
import { findParameter } from "@shouwang/plan";
import { z } from "zod";
import { actingRoutes } from "./acting-routes.ts";
import { bulkRoutes } from "./bulk-routes.ts";
import { todoFor } from "./deadline.ts";
import { kitFor, type Route, type Service } from "./declare.ts";
import { duesOf } from "./due.ts";
import { findFile } from "./file.ts";
import { indicatorRoutes } from "./indicator-routes.ts";
import { findJob, type JobView } from "./job.ts";
import { keyRotationRoute } from "./key-rotation.ts";
import { exportableLists } from "./list-export.ts";
import { exportRoutes } from "./list-export-routes.ts";
import { loadingRoutes } from "./loading-routes.ts";
import { everyone } from "./offices.ts";
import { operatorRoutes, type RelayStates } from "./operator-routes.ts";
import { parameterFor } from "./parameter.ts";
import { postingsUp } from "./posting.ts";
import { actorOf, dutiesOf, mayReach } from "./principal.ts";
import { roundsDue } from "./round.ts";

const officers: readonly Role[] = [
  "region-officer",
  "city-officer",
  "county-officer",
  "township-officer",
  "village-officer",
  "department-officer",
];

const TodoItem = z.object({
  id: z.string(),
  kind: z.string(),
  clause: z.string(),
  entity: z.string(),
  entityId: z.string(),
  householdId: z.string().nullable(),
  region: z.string(),
  role: z.string(),
  startedAt: z.string(),
  dueAt: z.string(),
  overdue: z.boolean(),
  pressing: z.boolean().describe("Its end is near or past"),
  escalated: z.boolean().describe("Shown to the level above too, because it has been late for too long"),
  period: z.string().nullable().describe("Month or quarter of a round, or null"),
  open: z.int().describe("How many are due: 1, or the open part of a round's set at this place"),
});

export const IndicatorView = z.object({
  code: z.string(),
  clause: z.string(),
  title: Bilingual,
  unit: z.string(),
  value: z.number().nullable(),
  numerator: z.number().optional(),
  denominator: z.number().optional(),
  target: z.number().nullable(),
  direction: z.enum([">=", ">", "="]).nullable(),
  asOf: z.string(),
  list: z.string().optional(),
});

const ParameterView = z.object({
  key: z.string(),
  region: z.string(),
  value: z.unknown(),
  validFrom: z.string(),
  validTo: z.string().nullable(),
  document: z.string(),
  loaded: z.boolean(),
});

const JobProgress = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.enum(["queued", "running", "done", "failed"]),
  totals: z.record(z.string(), z.number()),
  chunks: z.int().describe("How many chunks are done"),
  error: z.string().nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
});
const progressOf = (job: JobView): z.input<typeof JobProgress> => ({
  ...job,
  createdAt: job.createdAt.toISOString(),
  finishedAt: job.finishedAt?.toISOString() ?? null,
});

/** The routes every department's service has without writing them. */
export function platformRoutes<Db>(service: Service<Db>, relays: RelayStates): Route<Db>[] {
  const { query } = kitFor<Db>();
  return [
    query(
      {
        operation: "todo",
        path: "/todo",
        summary: { zh: "我的待办", en: "What is due for me" },
        allow: everyone,
        query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
        reply: z.object({ items: z.array(TodoItem), asOf: z.string() }),
        problems: [],
      },
      async ({ tx, actor, now, today, query: { limit } }) => {
        const deadlines = (await todoFor(tx, dutiesOf(actor), actor.subject, limit)).map((deadline) => ({
          ...deadline,
          householdId: deadline.householdId ?? null,
          escalated: deadline.escalate !== undefined && deadline.escalate.at <= now,
          period: null,
          open: 1,
        }));
        const rounds = service.slices.flatMap((slice) => slice.rounds ?? []);
        const sets = (await roundsDue(rounds, { tx, actor, now, today })).map(({ startsAt, ...item }) => ({
          ...item,
          entityId: item.id,
          householdId: null,
          remindAt: undefined,
          escalated: false,
          startedAt: startsAt,
        }));
        const dues = service.slices.flatMap((slice) => slice.dues ?? []);
        const waiting = await duesOf(dues, { tx, actor, today, limit });
        const items = [...deadlines, ...sets, ...waiting]
          .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime())
          .slice(0, limit)
          .map((item) => ({
            ...item,
            startedAt: item.startedAt.toISOString(),
            dueAt: item.dueAt.toISOString(),
            overdue: item.dueAt < now,
            pressing: (item.remindAt ?? item.dueAt) <= now,
          }));
        return { reply: { asOf: now.toISOString(), items } };
      },
    ),
    query(
      {
        operation: "clauses",
        path: "/clauses",
        summary: { zh: "本部门条款的实时指标", en: "Live figures of this department's clauses" },
        allow: everyone,
        reply: z.object({
          asOf: z.string(),
          clauses: z.array(z.object({ clause: z.string(), indicators: z.array(IndicatorView) })),
        }),
        problems: [],
      },
      async ({ tx, actor, now, today }) => {
        const clauses = [];
        for (const live of service.slices.flatMap((slice) => slice.clauses ?? []))
          clauses.push({ clause: live.clause, indicators: await live.read({ tx, actor, now, today }) });
        return { reply: { asOf: now.toISOString(), clauses } };
      },
    ),
    query(
      {
        operation: "read-job",
        path: "/jobs/{jobId}",
        summary: { zh: "后台任务进度", en: "Progress of long work" },
        allow: everyone,
        params: z.object({ jobId: z.uuid() }),
        reply: JobProgress,
        problems: ["not-found"],
      },
      async ({ tx, params, actor }) => {
        const job = await findJob(tx, params.jobId);
        return job && mayReach(actor, job.region) ? { reply: progressOf(job) } : refuse("not-found");
      },
    ),
    query(
      {
        operation: "follow-job",
        path: "/jobs/{jobId}/events",
        summary: { zh: "实时跟踪后台任务", en: "Follow long work as it goes on" },
        allow: everyone,
        params: z.object({ jobId: z.uuid() }),
        reply: JobProgress,
        follow: {
          idOf: ({ chunks, state }) => `${chunks}-${state}`,
          ended: ({ state }) => state === "done" || state === "failed",
        },
        problems: ["not-found"],
      },
      async ({ tx, params, actor }) => {
        const job = await findJob(tx, params.jobId);
        return job && mayReach(actor, job.region) ? { reply: progressOf(job) } : refuse("not-found");
      },
    ),
    query(
      {
        operation: "read-file",
        path: "/files/{fileId}",
        summary: { zh: "下载文件", en: "Download a file" },
        allow: [...officers, "auditor"],
        params: z.object({ fileId: z.uuid() }),
        reply: z.object({}),
        downloads: ["*/*"],
        problems: ["not-found"],
      },
      async ({ tx, params, actor, keys }) => {
        const file = await findFile(tx, keys, params.fileId);
        // What is not about a household (a feed, its refused rows) holds many people: it is its sender's. Departments open what they sent
        // themselves, auditors the lists they asked for.
        const own = file?.uploadedBy === actorOf(actor);
        const office = actor.roles.some((role) => role !== "department-officer" && role !== "auditor");
        if (!file || !(own || (office && file.householdId !== null))) return refuse("not-found");
        const { name, mediaType, content } = file;
        const opened = { action: "open-file", entity: "file", entityId: file.id, region: file.region, purpose: file.purpose };
        return { download: { name, mediaType, content }, audit: [opened] };
      },
    ),
    query(
      {
        operation: "read-parameter",
        path: "/parameters/{key}",
        summary: { zh: "查询现行参数", en: "The value of a parameter in force" },
        allow: everyone,
        params: z.object({ key: z.string().max(100) }),
        query: z.object({
          region: z
            .string()
            .regex(/^\d{12}$/)
            .default("450000000000"),
          date: z.iso.date().optional(),
        }),
        reply: ParameterView,
        problems: ["not-found"],
      },
      async ({ tx, params, query: { region, date }, today }) => {
        const definition = findParameter(params.key);
        if (!definition) return refuse("not-found");
        const row = await parameterFor(tx, definition.key, region, date ?? today);
        return { reply: { ...row, loaded: row.value !== null } };
      },
    ),
    query(
      {
        operation: "list-postings",
        path: "/postings",
        summary: { zh: "正在公示", en: "What is posted now" },
        allow: everyone,
        reply: z.object({
          items: z.array(
            z.object({
              id: z.string(),
              kind: z.string(),
              entity: z.string(),
              entityId: z.string(),
              region: z.string(),
              levels: z.array(z.string()),
              body: z.record(z.string(), z.string()),
              startsOn: z.string(),
              lastDay: z.string(),
              openObjections: z.number(),
            }),
          ),
        }),
        problems: [],
      },
      async ({ tx, today }) => ({ reply: { items: await postingsUp(tx, today, 500) } }),
    ),
    ...actingRoutes<Db>(),
    ...bulkRoutes(service),
    ...exportRoutes(exportableLists(service.slices.flatMap((slice) => slice.routes ?? []))),
    ...loadingRoutes(service),
    ...indicatorRoutes(service),
    ...operatorRoutes<Db>(relays),
    keyRotationRoute<Db>(),
  ];
}
