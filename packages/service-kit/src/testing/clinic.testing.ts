import {
  refuse,
  SocialAuditHeadPublished,
  SocialDeadlineOverdue,
  SocialIndicatorFrozen,
  SocialParameterChanged,
} from "@shouwang/contract";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { BulkChoice } from "../bulk.ts";
import { monthOf } from "../calendar.ts";
import { takeKey } from "../claim-key.ts";
import { defineService, kitFor } from "../declare.ts";
import { checkVersion } from "../http.ts";
import { requestJob } from "../job.ts";
import { everyone } from "../offices.ts";
import { afterCursor, cutPage, PageQuery, pageOf } from "../page.ts";
import { FileChanged, VisitRecorded } from "./clinic-events.testing.ts";

export type ClinicDb = Record<never, never>;
const { bulk, clause, command, query, job, schedule, slice } = kitFor<ClinicDb>();

const Region = z.string().regex(/^\d{12}$/);
const FilePath = z.object({ fileId: z.uuid() });
const FileView = z.object({ fileId: z.string(), weight: z.number(), version: z.number() });
const officers = ["county-officer", "village-officer"] as const;

const openFile = command(
  {
    method: "post",
    operation: "open-test-file",
    path: "/test-files",
    summary: { zh: "建档", en: "Open a file" },
    clauses: ["S-01"],
    allow: officers,
    body: z.object({ region: Region, weight: z.int(), name: z.string().max(60).optional() }),
    reply: FileView,
    status: 201,
    problems: ["already-exists"],
  },
  async ({ tx, body }) => {
    const fileId = uuidv7();
    await sql`insert into clinic.file (id, region, weight, name, version) values (${fileId}, ${body.region}, ${body.weight}, ${body.name ?? null}, 1)`.execute(
      tx,
    );
    const reply = { fileId, weight: body.weight, version: 1, secret: "never declared" };
    return {
      reply,
      events: [FileChanged.of(fileId, 1, body.region, { fileId, weight: body.weight })],
      audit: [{ action: "open", entity: "test-file", entityId: fileId, region: body.region, changed: body }],
    };
  },
);

/** One that weighs less than nothing is refused; at -13 the scales break, half-way. */
const weighFile = command(
  {
    method: "patch",
    operation: "weigh-test-file",
    path: "/test-files/{fileId}",
    summary: { zh: "称重", en: "Weigh" },
    allow: officers,
    params: FilePath,
    body: z.object({ weight: z.int() }),
    reply: FileView,
    ifMatch: true,
    problems: ["not-found", "version-mismatch", "state-conflict"],
  },
  async ({ tx, params: { fileId }, body: { weight }, expectedVersion }) => {
    const { rows } = await sql<{
      version: number;
      region: string;
      weight: number;
    }>`select version, region, weight from clinic.file where id = ${fileId} for update`.execute(tx);
    const file = rows[0];
    if (!file) return refuse("not-found");
    const stale = checkVersion(file.version, expectedVersion);
    if (stale) return stale;
    const version = file.version + 1;
    await sql`update clinic.file set weight = ${weight}, version = ${version} where id = ${fileId}`.execute(tx);
    if (file.weight === -13) await sql`select ${"thirteen"}::int`.execute(tx);
    if (file.weight < 0) return refuse("state-conflict", { detail: { zh: "不能称", en: "Not to be weighed" } });
    return { reply: { fileId, weight, version }, events: [FileChanged.of(fileId, version, file.region, { fileId, weight })] };
  },
);

const weighFiles = bulk({
  of: weighFile,
  item: "fileId",
  filter: z.object({ lighterThan: z.int() }),
  body: z.object({ weight: z.int() }),
  choose: async ({ tx, filter, limit }) => {
    const chosen = sql<BulkChoice>`select id, version from clinic.file where weight < ${filter.lighterThan} order by id limit ${limit}`;
    return (await chosen.execute(tx)).rows;
  },
  look: async ({ tx, id, body }) => {
    const { rows } = await sql<{
      version: number;
      weight: number;
    }>`select version, weight from clinic.file where id = ${id} for update`.execute(tx);
    return rows[0] && { version: rows[0].version, done: rows[0].weight === body.weight };
  },
});

const listFiles = query(
  {
    operation: "list-test-files",
    path: "/test-files",
    summary: { zh: "档案清单", en: "Files" },
    allow: [...officers, "auditor"],
    query: PageQuery.extend({ heavierThan: z.coerce.number().int().optional() }),
    reply: pageOf(z.object({ fileId: z.string(), weight: z.int(), name: z.string().nullable() })),
    exports: { titles: { weight: "重量", name: "名称" } },
    problems: [],
  },
  async ({ tx, query: { heavierThan = -1_000_000, cursor, limit } }) => {
    const { rows } = await sql<{
      fileId: string;
      weight: number;
      name: string | null;
    }>`select id as "fileId", weight, name from clinic.file
      where weight > ${heavierThan} and id > ${afterCursor(cursor) ?? "00000000-0000-0000-0000-000000000000"}::uuid order by id limit ${limit + 1}`.execute(
      tx,
    );
    return { reply: cutPage(rows, limit, ({ fileId }) => fileId) };
  },
);

const readFile = query(
  {
    operation: "read-test-file",
    path: "/test-files/{fileId}",
    summary: { zh: "查看档案", en: "Read a file" },
    allow: everyone,
    params: FilePath,
    reply: FileView,
    problems: ["not-found"],
  },
  async ({ tx, params: { fileId } }) => {
    const { rows } = await sql<{
      weight: number;
      version: number;
    }>`select weight, version from clinic.file where id = ${fileId}`.execute(tx);
    return rows[0] ? { reply: { fileId, ...rows[0] } } : refuse("not-found");
  },
);

/** `trouble` makes it go wrong half-way: after its rows are written, it refuses, throws, or breaks a constraint. */
const recordVisit = command(
  {
    method: "post",
    operation: "record-test-visit",
    path: "/visits",
    summary: { zh: "记录就诊", en: "Record a visit" },
    allow: officers,
    query: z.object({ dryRun: z.stringbool().default(false) }),
    body: z.object({
      fileId: z.uuid(),
      region: Region,
      amountFen: z.int(),
      name: z.string().optional(),
      identityNumber: z.string().optional(),
      phone: z.string().optional(),
      account: z.string().optional(),
      trouble: z.enum(["refuse", "throw", "constraint", "type"]).optional(),
    }),
    reply: z.object({ visitId: z.string() }),
    status: 201,
    problems: ["state-conflict"],
  },
  async ({ tx, body }) => {
    const visitId = uuidv7();
    await sql`insert into clinic.visit (id, household_id, region, amount_fen) values (${visitId}, ${body.fileId}, ${body.region}, ${body.amountFen})`.execute(
      tx,
    );
    if (body.trouble === "refuse") return refuse("state-conflict", { detail: { zh: "不行", en: "No" } });
    if (body.trouble === "throw") throw new Error(`the ceiling came down on ${body.name}\n    at ${body.name} (ward.ts:1:1)`);
    if (body.trouble === "type") await sql`select ${body.name}::int`.execute(tx);
    if (body.trouble === "constraint")
      for (const _ of [1, 2])
        await sql`insert into clinic.file (id, region, weight, name, version) values (${uuidv7()}, ${body.region}, 1, ${body.name}, 1)`.execute(
          tx,
        );
    const { fileId, amountFen } = body;
    return {
      reply: { visitId },
      events: [VisitRecorded.of(visitId, 1, body.region, { visitId, fileId, amountFen })],
      audit: [{ action: "record", entity: "test-visit", entityId: visitId, region: body.region, changed: body }],
    };
  },
);

const claimKey = command(
  {
    method: "post",
    operation: "claim-test-key",
    path: "/keys",
    summary: { zh: "占用", en: "Take a key" },
    allow: officers,
    body: z.object({ key: z.string() }),
    reply: z.object({ taken: z.literal(true) }),
    problems: ["already-exists"],
  },
  async ({ tx, body, actor }) =>
    (await takeKey(tx, "test", [body.key], actor.subject)) ? { reply: { taken: true as const } } : refuse("already-exists"),
);

const startImport = command(
  {
    method: "post",
    operation: "start-test-import",
    path: "/imports",
    summary: { zh: "导入", en: "Import" },
    allow: officers,
    body: z.object({ doses: z.int(), region: Region, failsAt: z.int().optional() }),
    reply: z.object({ jobId: z.string() }),
    status: 202,
    problems: [],
  },
  async ({ tx, body, actor }) => ({
    reply: { jobId: await requestJob(tx, actor, { kind: "test-import", region: body.region, input: body }) },
  }),
);

const dosesPerChunk = 10;
const DoseInput = z.object({ doses: z.int(), region: Region, failsAt: z.int().optional() });
const importDoses = job({
  kind: "test-import",
  run: async ({ tx, jobId, input, checkpoint }) => {
    const { doses, region, failsAt } = DoseInput.parse(input);
    const from = z.int().default(0).parse(checkpoint);
    const to = Math.min(doses, from + dosesPerChunk);
    await sql`insert into clinic.dose (job_id, n) select ${jobId}, g from generate_series(${from}::int, ${to - 1}::int) g`.execute(
      tx,
    );
    if (failsAt !== undefined && to > failsAt) throw new Error("out of stock");
    const visitId = uuidv7();
    return {
      totals: { doses: to - from },
      events: [VisitRecorded.of(visitId, 1, region, { visitId, fileId: jobId, amountFen: to - from })],
      audit: [{ action: "import", entity: "test-dose", entityId: String(from), region }],
      ...(to < doses ? { next: to } : {}),
    };
  },
});

const rounds = schedule({
  name: "test-rounds",
  everyMs: 50,
  slot: (now) => now.toISOString().slice(0, 10),
  run: async ({ tx, today }) => {
    await sql`insert into clinic.round (slot) values (${today})`.execute(tx);
    return {};
  },
});

/** Files as they stand, and visits as counted over the month. */
const figures = clause({
  clause: "S-01",
  read: async ({ tx, now, today }) => {
    const { rows } = await sql<{
      files: number;
      visits: number;
    }>`select (select count(*) from clinic.file)::int as files, (select count(*) from clinic.visit)::int as visits`.execute(tx);
    const about = { clause: "S-01", target: null, direction: null, asOf: now.toISOString() };
    const { files = 0, visits = 0 } = rows[0] ?? {};
    return [
      { ...about, code: "S-01-files", title: { zh: "档案", en: "Files" }, unit: "files", value: files },
      {
        ...about,
        code: "S-01-visits",
        title: { zh: "就诊", en: "Visits per file" },
        unit: "%",
        value: files === 0 ? null : Math.floor((visits * 10_000) / files) / 100,
        numerator: visits,
        denominator: files,
        period: monthOf(today),
      },
    ];
  },
});

/** A department with one of everything the kit offers to a producer. */
export const clinic = defineService<ClinicDb>({
  name: "social",
  title: { zh: "测试门诊", en: "Test clinic" },
  migrations: new URL("./clinic-migrations/", import.meta.url),
  deadlineOverdue: SocialDeadlineOverdue,
  auditHead: SocialAuditHeadPublished,
  parameterChanged: SocialParameterChanged,
  indicatorFrozen: SocialIndicatorFrozen,
  slices: [
    slice({
      name: "clinic",
      title: { zh: "门诊", en: "Clinic" },
      routes: [openFile, weighFile, readFile, listFiles, recordVisit, claimKey, startImport],
      jobs: [importDoses],
      bulks: [weighFiles],
      schedules: [rounds],
      clauses: [figures],
    }),
  ],
});
