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
  requestJob,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { checkFile } from "./file-check.ts";
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
    const { file, refusal } = await checkFile(upload, sheetLimits, body.dataDate, today);
    if (refusal) return refusal;

    const feedId = uuidv7();
    const region = toRegionCode(actor.region);
    const fileId = await putFile(tx, keys, actor, {
      region,
      // Not the name it was sent under, which may be a patient's.
      name: `医疗费用-${body.dataDate}.${file.isWorkbook ? "xlsx" : "csv"}`,
      mediaType: file.isWorkbook ? xlsx : "text/csv",
      content: file.content,
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
