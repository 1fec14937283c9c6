import { DateText, Fen, FundSource, PublicWelfarePostState, Reason } from "@shouwang/contract";
import { z } from "zod";
import { closingReasons, floorReasons, type Post, standardOf } from "./decide.ts";
import type { PostSecret } from "./store.ts";

const { kind, mode } = PublicWelfarePostState.shape;

export const TermsEntry = {
  headcount: z.int().min(1).max(500).describe("How many may hold it at once"),
  rateFen: Fen.describe("Pay of a full month, a day or a task, by the mode"),
  unitsPerMonth: z.int().min(1).max(62).describe("Days a full month asks for; by day or task, the most that are paid in a month"),
  floorReason: z
    .enum(floorReasons)
    .nullable()
    .default(null)
    .describe("Why the standard is below the rural subsistence allowance"),
};

export const PostEntry = z.object({
  kind,
  mode,
  source: FundSource,
  ...TermsEntry,
  from: DateText.describe("First day in force"),
  until: DateText.optional().describe("Last day, where it is known"),
  title: z.string().trim().min(2).max(60).describe("Sealed"),
  place: z.string().trim().min(2).max(120).describe("Where the work is done; sealed"),
  note: z.string().trim().max(500).optional().describe("Sealed"),
});

export const PostView = z.object({
  postId: z.string(),
  region: z.string(),
  kind,
  mode,
  source: FundSource,
  title: z.string(),
  headcount: z.int(),
  rateFen: z.int().describe("Pay of a full month, a day or a task"),
  unitsPerMonth: z.int(),
  standardFen: z.int().describe("Monthly standard, which the bounds of E-04 are for"),
  floorReason: z.enum(floorReasons).nullable(),
  from: z.string(),
  until: z.string().nullable(),
  status: z.enum(["planned", "confirmed", "refused", "open", "closed"]),
  closedBecause: z.enum(closingReasons).nullable(),
  version: z.int(),
});
export const PostDecided = PostView.extend({ explanation: z.array(Reason) });

const TermView = z.object({
  n: z.int(),
  from: z.string(),
  headcount: z.int(),
  rateFen: z.int(),
  unitsPerMonth: z.int(),
  floorReason: z.enum(floorReasons).nullable(),
  state: z.enum(["proposed", "confirmed", "refused"]),
  document: z.string().nullable().describe("The county's document that confirmed them"),
});
export const PostDetail = PostView.extend({
  place: z.string(),
  note: z.string().nullable(),
  terms: z.array(TermView).describe("What was proposed and confirmed, the first first"),
});

export const postView = (post: Post, { title }: Pick<PostSecret, "title">): z.input<typeof PostView> => ({
  ...{ postId: post.id, region: post.region, kind: post.kind, mode: post.mode, source: post.source, title },
  ...{ headcount: post.headcount, rateFen: post.rateFen, unitsPerMonth: post.unitsPerMonth },
  ...{ standardFen: standardOf(post.mode, post), floorReason: post.floorReason, from: post.from, until: post.until },
  status: post.status,
  // Safe: the closing command takes it from the same list.
  closedBecause: post.closedBecause as (typeof closingReasons)[number] | null,
  version: post.version,
});
