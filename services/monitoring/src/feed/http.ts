import { DateText, refuse } from "@shouwang/contract";
import { levelOf, toRegionCode } from "@shouwang/regions";
import {
  actorOf,
  afterCursor,
  cutPage,
  everyone,
  findJob,
  PageQuery,
  type Principal,
  pageOf,
  putFile,
  readSheet,
  requestJob,
  type SheetFailure,
  SheetRefusal,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { keptUntil, xlsx } from "./file-kept.ts";
import { medicalBillFeed, medicalBillJob, sheetLimits } from "./job.ts";
import { type Feed, findFeed, insertFeed, listFeeds } from "./store.ts";
import { FeedProgress, FeedView, feedProgress, feedView } from "./views.ts";

const senders: readonly string[] = ["health", "medical-insurance"];

const uploadMedicalBills = command(
  {
    method: "post",
    operation: "upload-medical-bills",
    path: "/feeds/medical-bills",
    summary: { zh: "上传医疗费用数据", en: "Send a list of medical bills" },
    clauses: ["M-01"],
    allow: ["department-officer", "county-officer"],
    body: z.object({
      document: z.string().trim().min(2).max(120).describe("Number of the covering document"),
      dataDate: DateText.describe("Day the data are of"),
    }),
    upload: true,
    reply: z.object({ feedId: z.string(), jobId: z.string() }),
    status: 202,
    problems: ["role-not-allowed", "invalid-input", "feed-columns-missing", "feed-unreadable"],
  },
  async ({ tx, body, upload, actor, keys, now, today }) => {
    const may = checkSender(actor);
    if (may) return may;
    if (body.dataDate > today)
      return refuse("invalid-input", {
        errors: [
          { pointer: "/dataDate", rule: "not-in-future", zh: "数据日期不能晚于今天", en: "In the future", clause: "M-01" },
        ],
      });
    if (!upload) throw new Error("the kit calls an upload without its file");
    const failure = await headerFailure(upload.content);
    if (failure) return failure.columns ? columnsMissing(failure.columns) : unreadable(failure);

    const feedId = uuidv7();
    const region = toRegionCode(actor.region);
    const isWorkbook = upload.content.toString("latin1", 0, 2) === "PK";
    const fileId = await putFile(tx, keys, actor, {
      region,
      // Not the name it was sent under, which may be a patient's.
      name: `医疗费用-${body.dataDate}.${isWorkbook ? "xlsx" : "csv"}`,
      mediaType: isWorkbook ? xlsx : "text/csv",
      content: upload.content,
      purpose: "feed",
      expiresOn: await keptUntil(tx, region, today),
    });
    const jobId = await requestJob(tx, actor, { kind: medicalBillJob, region, input: { feedId } });
    const feed: Feed = {
      ...body,
      id: feedId,
      kind: "medical-bills",
      department: actor.department ?? "county",
      region,
      fileId,
      jobId,
      at: now,
    };
    await insertFeed(tx, feed, actorOf(actor));
    const audit = { action: "upload-medical-bills", entity: "feed", entityId: feedId, region, clause: "M-01" };
    return { reply: { feedId, jobId }, audit: [{ ...audit, changed: body }] };
  },
);

/** A list comes from a county's health or medical insurance office, or from the county itself: its area is where people are looked for. */
function checkSender(actor: Principal) {
  if (!actor.roles.includes("county-officer") && !senders.includes(actor.department ?? ""))
    return refuse("role-not-allowed", {
      detail: { zh: "由卫生健康或医疗保障部门上传", en: "Sent by the health or the medical insurance department" },
    });
  if (levelOf(toRegionCode(actor.region)) !== "county")
    return refuse("role-not-allowed", { detail: { zh: "由县级上传", en: "Sent by a county's office" } });
  return undefined;
}

/** Reads the header and the first row only: what is wrong with the file as such is answered at once. */
async function headerFailure(content: Buffer): Promise<SheetFailure | undefined> {
  const sheet = await readSheet(content, sheetLimits);
  if (!sheet.ok) return sheet;
  try {
    for await (const _ of sheet.rows) return undefined;
  } catch (error) {
    if (error instanceof SheetRefusal) return error.failure;
    throw error;
  }
  return { ok: false, rule: "sheet-empty", zh: "表头下没有数据", en: "There is no row below the header" };
}

const columnsMissing = (columns: readonly string[]) =>
  refuse("feed-columns-missing", {
    errors: columns.map((title) => ({
      pointer: "/file",
      rule: "column-missing",
      zh: `缺少列:${title}`,
      en: `Column missing: ${title}`,
      clause: "M-01",
    })),
  });
const unreadable = ({ rule, zh, en }: SheetFailure) =>
  refuse("feed-unreadable", { errors: [{ pointer: "/file", rule, zh, en, clause: "M-01" }] });

const listFeedsRoute = query(
  {
    operation: "list-feeds",
    path: "/feeds",
    summary: { zh: "部门数据批次", en: "List what departments sent" },
    clauses: ["M-01"],
    allow: everyone,
    query: PageQuery,
    reply: pageOf(FeedView),
    problems: [],
  },
  async ({ tx, query: { cursor, limit } }) => {
    const page = cutPage(await listFeeds(tx, { after: afterCursor(cursor), limit }), limit, (feed) => feed.id);
    return { reply: { items: page.items.map(feedView), next: page.next } };
  },
);

const readFeed = query(
  {
    operation: "read-feed",
    path: "/feeds/{feedId}",
    summary: { zh: "查看批次办理进度", en: "Read how far a feed is, and what came of it" },
    clauses: ["M-01"],
    allow: everyone,
    params: z.object({ feedId: z.uuid() }),
    reply: FeedProgress,
    problems: ["feed-not-found"],
  },
  async ({ tx, params }) => {
    const feed = await findFeed(tx, params.feedId);
    const job = feed && (await findJob(tx, feed.jobId));
    return feed && job ? { reply: feedProgress(feed, job) } : refuse("feed-not-found");
  },
);

/** M-01: what departments send, row by row, and what came of it. */
export const feedSlice = slice({
  name: "feed",
  title: { zh: "部门数据", en: "Department feeds" },
  routes: [uploadMedicalBills, listFeedsRoute, readFeed],
  jobs: [medicalBillFeed],
});
