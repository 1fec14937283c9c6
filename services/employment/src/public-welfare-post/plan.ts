import { DateText, PublicWelfarePostChanged, RegionCode, refuse } from "@shouwang/contract";
import { findDivision, levelOf } from "@shouwang/regions";
import { actorOf, mayReach, parseBusinessDate } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command } from "../kit.ts";
import { takePostStep } from "./chain.ts";
import { checkChangeDay, checkRate, mustBe, type Post } from "./decide.ts";
import {
  boundsFor,
  decideTerms,
  insertPost,
  lockPost,
  openPostSecret,
  proposeTerms,
  savePost,
  stateOfPost,
  termsOf,
} from "./store.ts";
import { PostDecided, PostEntry, postView, TermsEntry } from "./views.ts";

export const PostPath = z.object({ postId: z.uuid() });
const rateProblems = ["post-above-ceiling", "post-ceiling-unknown", "floor-reason-needed"] as const;

export const planPost = command(
  {
    method: "post",
    operation: "plan-post",
    path: "/public-welfare-posts",
    summary: { zh: "拟开发公益性岗位(按上下限核对标准)", en: "Plan a post; its rate is held against both bounds" },
    clauses: ["E-04", "E-05"],
    allow: ["township-officer"],
    body: PostEntry.extend({ region: RegionCode.describe("Village, or the township itself") }),
    reply: PostDecided,
    status: 201,
    problems: ["unknown-division", "outside-area", "invalid-input", "role-not-allowed", ...rateProblems],
  },
  async ({ tx, body, actor, keys, now }) => {
    const { region, title, place, note, until, ...entry } = body;
    const wrong = (pointer: string, rule: string, zh: string, en: string) =>
      refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "E-05" }] });
    const division = findDivision(region);
    if (!division) return refuse("unknown-division");
    if (!mayReach(actor, region)) return refuse("outside-area");
    if (!["township", "village"].includes(levelOf(division.code)))
      return wrong("/region", "village-or-township", "岗位须在村或乡镇", "A post is a village's or a township's");
    if (until !== undefined && until < entry.from)
      return wrong("/until", "date-order", "结束日期早于开始日期", "It ends before it begins");
    if ((entry.kind === "by-task") !== (entry.mode === "by-task"))
      return wrong(
        "/mode",
        "by-task-post",
        "临时性(按事)岗位与按事计酬须一致",
        "Posts by task are paid by the task, and no others are",
      );
    if (entry.mode !== "by-task" && entry.unitsPerMonth > 31)
      return wrong("/unitsPerMonth", "days-of-month", "每月天数不能超过31", "A month has no more than 31 days");
    const decided = checkRate(entry.mode, entry, await boundsFor(tx, region, entry.from));
    if ("code" in decided) return decided;
    const post: Post = {
      ...{ ...entry, id: uuidv7(), region, until: until ?? null },
      ...{ status: "planned", closedBecause: null, plannedBy: actorOf(actor), version: 1, told: 0 },
    };
    await insertPost(tx, keys, post, { title, place, note: note ?? null });
    await proposeTerms(tx, post, post);
    const refused = await takePostStep(tx, post, 1, "plan", { actor, at: now, outcome: "planned" });
    if (refused) return refused;
    return { reply: { ...postView(post, { title }), explanation: decided.reasons }, audit: [auditOf("plan-post", post)] };
  },
);

export const proposePostTerms = command(
  {
    method: "post",
    operation: "propose-post-terms",
    path: "/public-welfare-posts/{postId}/terms",
    summary: { zh: "拟调整岗位人数或标准(自某月1日起)", en: "Propose other terms of a post, from the first of a month" },
    clauses: ["E-04", "E-05"],
    allow: ["township-officer"],
    params: PostPath,
    body: z.object({ ...TermsEntry, from: DateText }),
    reply: PostDecided,
    status: 201,
    problems: ["post-not-found", "post-state", "invalid-input", "post-terms-awaited", "role-not-allowed", ...rateProblems],
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const post = await lockPost(tx, params.postId);
    if (!post) return refuse("post-not-found");
    const no = mustBe(post, "open") ?? checkChangeDay(parseBusinessDate(body.from), today);
    if (no) return no;
    const decided = checkRate(post.mode, body, await boundsFor(tx, post.region, body.from));
    if ("code" in decided) return decided;
    if (!(await proposeTerms(tx, post, body))) return refuse("post-terms-awaited");
    const n = (await termsOf(tx, post.id)).length;
    const refused = await takePostStep(tx, post, n, "plan", { actor, at: now, outcome: "proposed" });
    if (refused) return refused;
    const changed = { ...post, version: post.version + 1 };
    await savePost(tx, changed);
    return {
      reply: { ...postView(changed, openPostSecret(keys, post)), explanation: decided.reasons },
      audit: [auditOf("propose-post-terms", changed, body)],
    };
  },
);

export const confirmPost = command(
  {
    method: "post",
    operation: "confirm-post",
    path: "/public-welfare-posts/{postId}/confirmation",
    summary: { zh: "县级核定岗位数和标准", en: "Confirm, or refuse, what the township planned: number and rate" },
    clauses: ["E-04", "E-05"],
    allow: ["county-officer", "department-officer"],
    params: PostPath,
    body: z.object({
      confirmed: z.boolean(),
      document: z.string().trim().min(2).max(120).describe("Number of the county's document"),
    }),
    reply: PostDecided,
    problems: ["post-not-found", "post-state", "role-not-allowed", "same-person-twice", ...rateProblems],
  },
  async ({ tx, params, body: { confirmed, document }, actor, keys, now }) => {
    const post = await lockPost(tx, params.postId);
    if (!post) return refuse("post-not-found");
    const term = (await termsOf(tx, post.id)).find(({ state }) => state === "proposed");
    const no = mustBe(post, "planned", "open");
    if (no || !term) return no ?? refuse("post-state");
    // What was in order when it was planned may not be any more: a standard is compared again when it is decided.
    const bounds = await boundsFor(tx, post.region, term.from);
    const decided = confirmed ? checkRate(post.mode, term, bounds) : { reasons: [] };
    if ("code" in decided) return decided;
    const outcome = confirmed ? "confirmed" : "refused";
    const refused = await takePostStep(tx, post, term.n, "county-confirmation", { actor, at: now, outcome });
    if (refused) return refused;
    await decideTerms(tx, post.id, term, confirmed ? document : null);
    const { headcount, rateFen, unitsPerMonth, floorReason } = term;
    const told = post.status === "open" && confirmed;
    const after: Post = {
      ...post,
      ...(confirmed ? { headcount, rateFen, unitsPerMonth, floorReason } : {}),
      status: post.status === "open" ? "open" : outcome,
      version: post.version + 1,
      told: post.told + Number(told),
    };
    await savePost(tx, after);
    return {
      reply: { ...postView(after, openPostSecret(keys, post)), explanation: decided.reasons },
      events: told ? [PublicWelfarePostChanged.of(after.id, after.told, after.region, stateOfPost(after))] : [],
      audit: [auditOf("confirm-post", after, { outcome, document })],
    };
  },
);

export const auditOf = (action: string, post: Post, changed: Record<string, unknown> = stateOfPost(post)) => ({
  ...{ action, entity: "public-welfare-post", entityId: post.id, region: post.region, clause: "E-04" },
  changed,
});
