import { buffer } from "node:stream/consumers";
import { refuse } from "@shouwang/contract";
import { levelOf, toRegionCode } from "@shouwang/regions";
import {
  afterCursor,
  cutPage,
  everyone,
  findJob,
  findReceivedList,
  ListBody,
  listProblems,
  PageQuery,
  type Principal,
  pageOf,
  receivedLists,
  receiveList,
  writeWorkbook,
  xlsx,
} from "@shouwang/service-kit";
import { z } from "zod";
import { command, query, slice } from "../kit.ts";
import { departmentFeed, feedJob, sheetLimits } from "./job.ts";
import type { FeedLayout } from "./layout.ts";
import { findLayout, layouts } from "./layouts.ts";
import { confirmFeedMatch, dismissFeedMatch, listFeedMatches } from "./match-http.ts";
import { decidedMatches } from "./match-store.ts";
import { listRecords } from "./record-store.ts";
import { FeedProgress, FeedView, feedProgress, feedView, LayoutView, layoutView, RecordView, recordView } from "./views.ts";

const kinds = layouts.map(({ kind }) => kind);
// Safe: there are layouts.
const FeedKind = z.enum(kinds as [string, ...string[]]).describe("Kind of list, as `GET /feed-layouts` names them");

const uploadFeed = command(
  {
    method: "post",
    operation: "upload-feed",
    path: "/feeds",
    summary: { zh: "上传部门数据", en: "Send a department's list" },
    clauses: ["M-01"],
    allow: ["department-officer", "county-officer"],
    body: ListBody.extend({ kind: FeedKind }),
    upload: true,
    reply: z.object({ feedId: z.string(), jobId: z.string() }),
    status: 202,
    problems: ["role-not-allowed", ...listProblems],
  },
  async ({ tx, body, upload, actor, keys, now, today }) => {
    const layout = findLayout(body.kind);
    if (!layout) throw new Error(`the schema lets a kind pass that has no layout: ${body.kind}`);
    const may = checkSender(layout, actor);
    if (may) return may;
    const { list, refusal } = await receiveList(
      { tx, upload, actor, keys, now, today },
      {
        ...{ ...body, intake: "feed", job: feedJob, title: layout.title.zh },
        ...{ limits: sheetLimits(layout), clause: "M-01" },
      },
    );
    if (refusal) return refusal;
    const audit = { action: `upload-${layout.kind}`, entity: "feed", entityId: list.id, region: list.region, clause: "M-01" };
    return { reply: { feedId: list.id, jobId: list.jobId }, audit: [{ ...audit, changed: body }] };
  },
);

/** A list comes from the county's department that keeps it, or from the county itself: its area is where people are looked for. */
function checkSender(layout: FeedLayout, actor: Principal) {
  if (!actor.roles.includes("county-officer") && !layout.senders.includes(actor.department ?? ""))
    return refuse("role-not-allowed", {
      detail: {
        zh: `${layout.title.zh}数据由主管部门上传`,
        en: `Sent by: ${layout.senders.join(", ")}`,
      },
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
    const page = cutPage(await receivedLists(tx, "feed", { after: afterCursor(cursor), limit }), limit, (feed) => feed.id);
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
    const feed = await findReceivedList(tx, "feed", params.feedId);
    const job = feed && (await findJob(tx, feed.jobId));
    return feed && job ? { reply: feedProgress(feed, job) } : refuse("feed-not-found");
  },
);

const listFeedRecords = query(
  {
    operation: "list-feed-records",
    path: "/feeds/{feedId}/records",
    summary: { zh: "批次数据比对结果", en: "The records a feed brought, and what came of each" },
    clauses: ["M-01"],
    allow: everyone,
    params: z.object({ feedId: z.uuid() }),
    query: PageQuery.extend({
      outcome: RecordView.shape.outcome.unwrap().optional(),
      mismatch: z.stringbool().optional().describe("Only records that disagree with the registry, or only the others"),
    }),
    reply: pageOf(RecordView),
    problems: ["feed-not-found"],
  },
  async ({ tx, params, query: { cursor, limit, ...filter } }) => {
    if (!(await findReceivedList(tx, "feed", params.feedId))) return refuse("feed-not-found");
    const rows = await listRecords(tx, { ...params, ...filter, after: afterCursor(cursor), limit });
    const page = cutPage(rows, limit, (record) => record.id);
    return { reply: { items: page.items.map(recordView), next: page.next } };
  },
);

const listFeedLayouts = query(
  {
    operation: "list-feed-layouts",
    path: "/feed-layouts",
    summary: { zh: "部门数据模板", en: "The kinds of list departments send: columns, titles, senders" },
    clauses: ["M-01"],
    allow: everyone,
    reply: z.object({ items: z.array(LayoutView) }),
    problems: [],
  },
  async () => ({ reply: { items: layouts.map(layoutView) } }),
);

const readFeedTemplate = query(
  {
    operation: "read-feed-template",
    path: "/feed-layouts/{kind}/template",
    summary: { zh: "下载空白模板", en: "An empty sheet with the header of a kind of list" },
    clauses: ["M-01"],
    allow: everyone,
    params: z.object({ kind: FeedKind }),
    reply: z.object({}),
    problems: [],
  },
  async ({ params }) => {
    const layout = findLayout(params.kind);
    if (!layout) throw new Error(`the schema lets a kind pass that has no layout: ${params.kind}`);
    const columns = layout.columns.map(({ key, titles: [title = key] }) => ({ key, title, text: true }));
    const content = await buffer(writeWorkbook({ sheetName: layout.title.zh, columns, rows: [] }));
    return { download: { name: `${layout.title.zh}.xlsx`, mediaType: xlsx, content } };
  },
);

/** M-01: what departments send, row by row, and what came of it. */
export const feedSlice = slice({
  name: "feed",
  title: { zh: "部门数据", en: "Department feeds" },
  keeps: [decidedMatches],
  routes: [
    uploadFeed,
    listFeedsRoute,
    readFeed,
    listFeedRecords,
    listFeedLayouts,
    readFeedTemplate,
    listFeedMatches,
    confirmFeedMatch,
    dismissFeedMatch,
  ],
  jobs: [departmentFeed],
});
