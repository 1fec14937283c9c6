import { Bilingual, DateText, type Refusal, refuse } from "@shouwang/contract";
import { levelOf, type RegionCode, toRegionCode } from "@shouwang/regions";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { addDays, type BusinessDate } from "./calendar.ts";
import type { Executor } from "./database.ts";
import { putFile } from "./file.ts";
import { type findJob, requestJob } from "./job.ts";
import { basePathOf } from "./openapi.ts";
import { parameterFor } from "./parameter.ts";
import type { Keys } from "./personal-data.ts";
import { actorOf, type Principal } from "./principal.ts";
import { readSheet, type SheetOptions } from "./sheet.ts";
import { type SheetFailure, SheetRefusal } from "./sheet-refusal.ts";
import { xlsx } from "./sheet-write.ts";

/** A list that somebody sent in, to be taken in row by row by a job. `intake` is the way it came in by, `kind` what it is there. */
export type ReceivedList = {
  id: string;
  intake: string;
  kind: string;
  region: RegionCode;
  department: string;
  document: string;
  dataDate: string;
  dryRun: boolean;
  fileId: string;
  jobId: string;
  at: Date;
};

/** What whoever sends a list says of it. */
export const ListBody = z.object({
  document: z.string().trim().min(2).max(120).describe("Number of the covering document"),
  dataDate: DateText.describe("Day the data are of"),
});
/** What may be wrong with a list as it is sent; a command that receives one declares these. */
export const listProblems = ["invalid-input", "list-columns-missing", "list-unreadable"] as const;

/**
 * Receives a list: looks at its day, header and first row at once, keeps the file sealed until its term ends (`list.keepDays`) and asks for the job that takes it
 * in, whose input is `{ listId }`. What is wrong with the file as such is answered; what is wrong with its rows comes back later.
 * @returns the list, or the refusal
 */
export async function receiveList<Key extends string>(
  given: { tx: Executor; upload: { content: Buffer } | undefined; actor: Principal; keys: Keys; now: Date; today: BusinessDate },
  list: {
    intake: string;
    kind: string;
    /** What the stored file is called: never the name it was sent under, which may be a person's. */
    title: string;
    job: string;
    clause: string;
    limits: SheetOptions<Key>;
    document: string;
    dataDate: string;
    dryRun?: boolean;
  },
): Promise<{ list: ReceivedList; refusal?: undefined } | { list?: undefined; refusal: Refusal<(typeof listProblems)[number]> }> {
  const { tx, upload, actor, keys, now, today } = given;
  const { intake, kind, document, dataDate, dryRun = false } = list;
  const refusal = await wrongWith(upload, list, today);
  if (refusal) return { refusal };
  if (!upload) throw new Error("the kit calls an upload without its file");
  const id = uuidv7();
  const region = toRegionCode(actor.region);
  const department = actor.department ?? levelOf(region);
  const isWorkbook = upload.content.toString("latin1", 0, 2) === "PK";
  const fileId = await putFile(tx, keys, actor, {
    region,
    name: `${list.title}-${dataDate}.${isWorkbook ? "xlsx" : "csv"}`,
    mediaType: isWorkbook ? xlsx : "text/csv",
    content: upload.content,
    purpose: intake,
    expiresOn: await listKeptUntil(tx, region, today),
  });
  const jobId = await requestJob(tx, actor, { kind: list.job, region, input: { listId: id } });
  await sql`insert into kit.received_list (id, intake, kind, region, department, document, data_date, dry_run, file_id, job_id, received_by, at)
    values (${id}, ${intake}, ${kind}, ${region}, ${department}, ${document}, ${dataDate}, ${dryRun}, ${fileId}, ${jobId}, ${actorOf(actor)}, ${now})`.execute(
    tx,
  );
  return { list: { id, intake, kind, region, department, document, dataDate, dryRun, fileId, jobId, at: now } };
}

async function wrongWith<Key extends string>(
  upload: { content: Buffer } | undefined,
  { limits, dataDate, clause }: { limits: SheetOptions<Key>; dataDate: string; clause: string },
  today: string,
): Promise<Refusal<(typeof listProblems)[number]> | undefined> {
  if (dataDate > today) {
    const future = { pointer: "/dataDate", rule: "not-in-future", zh: "数据日期不能晚于今天", en: "In the future", clause };
    return refuse("invalid-input", { errors: [future] });
  }
  const failure = upload && (await headerFailure(upload.content, limits));
  if (!failure) return undefined;
  if (!failure.columns) {
    const { rule, zh, en } = failure;
    return refuse("list-unreadable", { errors: [{ pointer: "/file", rule, zh, en, clause }] });
  }
  const lacking = failure.columns.map((title) => ({ zh: `缺少列:${title}`, en: `Column missing: ${title}` }));
  return refuse("list-columns-missing", {
    errors: lacking.map((says) => ({ pointer: "/file", rule: "column-missing", ...says, clause })),
  });
}

async function headerFailure<Key extends string>(content: Buffer, limits: SheetOptions<Key>): Promise<SheetFailure | undefined> {
  const sheet = await readSheet(content, limits);
  if (!sheet.ok) return sheet;
  try {
    for await (const _ of sheet.rows) return undefined;
  } catch (error) {
    if (error instanceof SheetRefusal) return error.failure;
    throw error;
  }
  return { ok: false, rule: "sheet-empty", zh: "表头下没有数据", en: "There is no row below the header" };
}

/** The last day a list, or what came back of it, is kept (`list.keepDays`): both hold people's numbers in clear for whoever may open them. */
export async function listKeptUntil(tx: Executor, region: string, today: BusinessDate): Promise<BusinessDate> {
  const { value } = await parameterFor(tx, "list.keepDays", region, today);
  return addDays(today, value);
}

const columns = sql`id, intake, kind, region, department, document, data_date as "dataDate", dry_run as "dryRun", file_id as "fileId", job_id as "jobId", at`;

/** A list of the caller's area that came in this way; undefined when there is none. */
export async function findReceivedList(tx: Executor, intake: string, id: string): Promise<ReceivedList | undefined> {
  const { rows } =
    await sql<ReceivedList>`select ${columns} from kit.received_list where id = ${id} and intake = ${intake}`.execute(tx);
  return rows[0];
}

/** The list of a job. Throws when it is gone. */
export async function listOfJob(tx: Executor, intake: string, input: unknown): Promise<ReceivedList> {
  const { listId } = z.object({ listId: z.uuid() }).parse(input);
  const list = await findReceivedList(tx, intake, listId);
  if (!list) throw new Error(`the ${intake} of this job is gone`);
  return list;
}

/** Lists of the caller's area that came in this way, the newest first; `limit + 1` of them. */
export async function receivedLists(
  tx: Executor,
  intake: string,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<ReceivedList[]> {
  const { rows } = await sql<ReceivedList>`select ${columns} from kit.received_list where intake = ${intake}
    and ${after === undefined ? sql`true` : sql`id < ${after}::uuid`} order by id desc limit ${limit + 1}`.execute(tx);
  return rows;
}

/** What every answer about a list says of it, besides its id under the name the intake gives it. */
export const ReceivedListView = z.object({
  kind: z.string(),
  region: z.string(),
  document: z.string().describe("Number of the covering document"),
  dataDate: z.string().describe("Day the data are of"),
  uploadedAt: z.string(),
  jobId: z.string(),
});
export const receivedListView = ({
  kind,
  region,
  document,
  dataDate,
  at,
  jobId,
}: ReceivedList): z.input<typeof ReceivedListView> => ({
  ...{ kind, region, document, dataDate, jobId },
  uploadedAt: at.toISOString(),
});

const Result = z.object({
  errorsFile: z.uuid().optional(),
  fileRefused: Bilingual.extend({ rule: z.string() }).optional(),
  ended: Bilingual.optional(),
});
/** How far the taking in is and what came of it; the intake adds its totals. */
export const ListProgressView = z.object({
  state: z.enum(["queued", "running", "done", "failed"]),
  fileRefused: Result.shape.fileRefused.unwrap().nullable().describe("Why nothing of the file was taken, or null"),
  ended: Bilingual.nullable().describe(
    "Why it ended before it was through (an acting appointment has ended), with what is done and what is not; or null",
  ),
  finishedAt: z.string().nullable(),
  links: z.object({ errorsFile: z.string().nullable().describe("The refused rows with their reasons, to mend and send again") }),
});
export function listProgressView(
  service: string,
  job: NonNullable<Awaited<ReturnType<typeof findJob>>>,
): z.input<typeof ListProgressView> {
  const { errorsFile, fileRefused, ended } = Result.parse(job.result ?? {});
  return {
    state: job.state,
    fileRefused: fileRefused ?? null,
    ended: ended ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
    links: { errorsFile: errorsFile === undefined ? null : `${basePathOf(service)}/files/${errorsFile}` },
  };
}
