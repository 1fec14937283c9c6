import { DateText, PublicWelfarePostClosed, PublicWelfarePostOpened, PublicWelfarePostState, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, PageQuery, pageOf } from "@shouwang/service-kit";
import { z } from "zod";
import { bulk, command, query, slice } from "../kit.ts";
import { countAtPost } from "../post-holder/store.ts";
import { Area } from "../registry/views.ts";
import { closingReasons, mustBe, type Post, standings, statusNames } from "./decide.ts";
import { boundsOfCounties, standingIn } from "./figure-store.ts";
import { postRates, postsInYear } from "./figures.ts";
import { auditOf, confirmPost, PostPath, planPost, proposePostTerms } from "./plan.ts";
import { findPost, listPosts, lockPost, openPostSecret, savePost, stateOfPost, termsOf } from "./store.ts";
import { PostDetail, PostView, postView } from "./views.ts";

const wrongDay = (pointer: string, zh: string, en: string) =>
  refuse("invalid-input", { errors: [{ pointer, rule: "date-order", zh, en, clause: "E-05" }] });

const openPost = command(
  {
    method: "post",
    operation: "open-post",
    path: "/public-welfare-posts/{postId}/opening",
    summary: { zh: "开发岗位(开始招用)", en: "Open a confirmed post" },
    clauses: ["E-05"],
    allow: ["township-officer"],
    params: PostPath,
    reply: PostView,
    problems: ["post-not-found", "post-state"],
  },
  async ({ tx, params, keys }) => {
    const post = await lockPost(tx, params.postId);
    if (!post) return refuse("post-not-found");
    const no = mustBe(post, "confirmed");
    if (no) return no;
    const opened: Post = { ...post, status: "open", version: post.version + 1, told: post.told + 1 };
    await savePost(tx, opened);
    return {
      reply: postView(opened, openPostSecret(keys, post)),
      events: [PublicWelfarePostOpened.of(opened.id, opened.told, opened.region, stateOfPost(opened))],
    };
  },
);

const closePost = command(
  {
    method: "post",
    operation: "close-post",
    path: "/public-welfare-posts/{postId}/closing",
    summary: { zh: "撤销岗位", en: "Close a post that nobody holds any more" },
    clauses: ["E-05"],
    allow: ["township-officer", "county-officer", "department-officer"],
    params: PostPath,
    body: z.object({ until: DateText.describe("Last day in force"), because: z.enum(closingReasons) }),
    reply: PostView,
    problems: ["post-not-found", "post-state", "post-held", "invalid-input"],
  },
  async ({ tx, params, body: { until, because }, keys, today }) => {
    const post = await lockPost(tx, params.postId);
    if (!post) return refuse("post-not-found");
    const no = mustBe(post, "open");
    if (no) return no;
    if ((await countAtPost(tx, post.id)) > 0) return refuse("post-held");
    if (until < post.from || until > today)
      return wrongDay("/until", "撤销日期须在开始日期与今天之间", "It closes between its first day and today");
    const closed: Post = {
      ...{ ...post, until, status: "closed", closedBecause: because, version: post.version + 1, told: post.told + 1 },
    };
    await savePost(tx, closed);
    return {
      reply: postView(closed, openPostSecret(keys, post)),
      events: [PublicWelfarePostClosed.of(closed.id, closed.told, closed.region, stateOfPost(closed))],
      audit: [auditOf("close-post", closed, { until, because })],
    };
  },
);

const listPostsRoute = query(
  {
    operation: "list-posts",
    path: "/public-welfare-posts",
    summary: { zh: "公益性岗位列表", en: "List posts" },
    clauses: ["E-04", "E-05"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional().describe("The caller's own where absent"),
      status: PostView.shape.status.optional(),
      kind: PublicWelfarePostState.shape.kind.optional(),
      mode: PublicWelfarePostState.shape.mode.optional(),
      inForceFrom: DateText.optional().describe("With inForceTo: in force on one of these days"),
      inForceTo: DateText.optional(),
      openedFrom: DateText.optional().describe("First day in force not before this one"),
      standing: z.enum(standings).optional().describe("In force today, with a rate that stands here against this month's bounds"),
    }),
    reply: pageOf(PostView),
    problems: [],
    exports: {
      titles: { kind: "岗位类型" },
      codes: { status: statusNames },
    },
  },
  async ({ tx, query: { region, cursor, limit, inForceFrom, inForceTo, standing, ...filter }, actor, keys, today }) => {
    const asked = region ?? actor.region;
    const stands = standing && {
      ...{ is: standing, today, expression: standingIn(await boundsOfCounties(tx, asked, today)) },
    };
    const days = inForceFrom && inForceTo ? { from: inForceFrom, to: inForceTo } : undefined;
    const rows = await listPosts(tx, {
      ...{ ...filter, area: rangeOf(asked), days, standing: stands, after: afterCursor(cursor), limit },
    });
    const page = cutPage(rows, limit, ({ id }) => id);
    return { reply: { items: page.items.map((post) => postView(post, openPostSecret(keys, post))), next: page.next } };
  },
);

const readPost = query(
  {
    operation: "read-post",
    path: "/public-welfare-posts/{postId}",
    summary: { zh: "查看公益性岗位及历次标准", en: "Read a post with the terms it has had" },
    clauses: ["E-04", "E-05"],
    allow: everyone,
    params: PostPath,
    reply: PostDetail,
    problems: ["post-not-found"],
  },
  async ({ tx, params, keys }) => {
    const post = await findPost(tx, params.postId);
    if (!post) return refuse("post-not-found");
    const secret = openPostSecret(keys, post);
    return { reply: { ...postView(post, secret), ...secret, terms: await termsOf(tx, post.id) } };
  },
);

/** A county confirms a township's posts by the list. */
const confirmations = bulk({
  of: confirmPost,
  item: "postId",
  filter: z.object({ region: Area.optional() }),
  body: z.object({ confirmed: z.boolean() }),
  choose: async ({ tx, filter, actor, limit }) =>
    (await listPosts(tx, { area: rangeOf(filter.region ?? actor.region), status: "planned", limit: limit - 1 })).map(
      ({ id, version }) => ({ id, version }),
    ),
  look: async ({ tx, id, body }) => {
    const post = await lockPost(tx, id);
    return post && { version: post.version, done: post.status === (body.confirmed ? "confirmed" : "refused") };
  },
});

/** Posts paid from public money: planned, confirmed within the bounds of their rate, opened, changed and closed. */
export const publicWelfarePostSlice = slice({
  name: "public-welfare-post",
  title: { zh: "乡村公益性岗位", en: "Public-welfare posts" },
  routes: [planPost, confirmPost, openPost, proposePostTerms, closePost, listPostsRoute, readPost],
  bulks: [confirmations],
  clauses: [postRates, postsInYear],
});
