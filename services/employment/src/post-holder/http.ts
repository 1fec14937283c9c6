import { HouseholdId, PersonId, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, PageQuery, pageOf } from "@shouwang/service-kit";
import { z } from "zod";
import { query, slice } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { applyForPost, HolderPath, postApplicant, reviewApplicant } from "./apply.ts";
import { answerApplicantObjections, approveHolder, objectToApplicant, renewAgreement, signAgreement } from "./approval.ts";
import { leavePost, resumeHolder, suspendHolder, withdrawApplicant } from "./at-post.ts";
import { beginAtPosts, findOverAge } from "./daily.ts";
import { statusNames } from "./decide.ts";
import { countPeopleAtPosts, holdersAgainstBase, listPeopleAtPosts } from "./figures.ts";
import { personsChanged } from "./reaction.ts";
import { findHolder, listHolders } from "./store.ts";
import { HolderView, holderView } from "./views.ts";

const listHoldersRoute = query(
  {
    operation: "list-post-holders",
    path: "/post-holders",
    summary: { zh: "岗位人员名单(含申请人)", en: "List holders of posts and applicants" },
    clauses: ["E-03", "E-05"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional().describe("The caller's own where absent"),
      postId: z.uuid().optional(),
      personId: PersonId.optional(),
      householdId: HouseholdId.optional(),
      status: HolderView.shape.status.optional(),
    }),
    reply: pageOf(HolderView),
    problems: [],
    exports: { codes: { status: statusNames } },
  },
  async ({ tx, query: { region, cursor, limit, ...filter }, actor }) => {
    const area = rangeOf(region ?? actor.region);
    const page = cutPage(await listHolders(tx, { ...filter, area, after: afterCursor(cursor), limit }), limit, ({ id }) => id);
    return { reply: { items: page.items.map(holderView), next: page.next } };
  },
);

const readHolder = query(
  {
    operation: "read-post-holder",
    path: "/post-holders/{postHolderId}",
    summary: { zh: "查看岗位人员", en: "Read a holder of a post" },
    clauses: ["E-05"],
    allow: everyone,
    params: HolderPath,
    reply: HolderView,
    problems: ["post-holder-not-found"],
  },
  async ({ tx, params }) => {
    const holder = await findHolder(tx, params.postHolderId);
    return holder ? { reply: holderView({ ...holder, nameMask: null }) } : refuse("post-holder-not-found");
  },
);

/** Who holds a post: applied, reviewed, posted, approved, signed, at the post, away for a time, and gone. */
export const postHolderSlice = slice({
  name: "post-holder",
  title: { zh: "公益岗人员", en: "Holders of posts" },
  routes: [
    ...[applyForPost, reviewApplicant, postApplicant, objectToApplicant, answerApplicantObjections, approveHolder],
    ...[signAgreement, renewAgreement, suspendHolder, resumeHolder, leavePost, withdrawApplicant, listHoldersRoute, readHolder],
    ...[listPeopleAtPosts, countPeopleAtPosts],
  ],
  readers: [personsChanged],
  schedules: [beginAtPosts, findOverAge],
  clauses: [holdersAgainstBase],
});
