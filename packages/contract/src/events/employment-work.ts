import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Fen, Month } from "../vocabulary.ts";
import { ids, village } from "./examples.ts";
import { FundSource, household, idOf, person, region } from "./fields.ts";
import { ResettlementSiteId } from "./monitoring-household.ts";

export const WorkRecordId = idOf("WorkRecordId", "Work record");
export type WorkRecordId = z.infer<typeof WorkRecordId>;
export const PostId = idOf("PostId", "Public-welfare post");
export type PostId = z.infer<typeof PostId>;
export const PostHolderId = idOf("PostHolderId", "One person's time at one post");
export type PostHolderId = z.infer<typeof PostHolderId>;
export const WorkshopId = idOf("WorkshopId", "Assistance workshop");
export type WorkshopId = z.infer<typeof WorkshopId>;

export const WorkRecordState = z.object({
  workRecordId: WorkRecordId,
  personId: person,
  householdId: household,
  region,
  scope: z
    .enum(["in-county", "in-region", "outside-region", "abroad"])
    .describe("Where the work is, seen from the county of registration"),
  channel: z
    .enum([
      "own-search",
      "organised-export",
      "assistance-workshop",
      "public-welfare-post",
      "enterprise",
      "self-employed",
      "family-farm",
      "other",
    ])
    .describe("How the work was found"),
  from: DateText.describe("First day of work"),
  until: DateText.nullable().describe("Last day, or null while at work"),
  monthlyWageFen: Fen.nullable().describe("Wage of a month, in fen, or null when not known"),
  endedBecause: z.enum(["epidemic", "contract-ended", "laid-off", "health", "family", "other"]).nullable().describe("Or null"),
  status: z.enum(["recorded", "void"]).describe("Void: recorded by mistake, counts nowhere"),
});
export type WorkRecordState = z.infer<typeof WorkRecordState>;
const workExample: z.input<typeof WorkRecordState> = {
  workRecordId: ids.source,
  personId: ids.person,
  householdId: ids.household,
  region: village,
  scope: "outside-region",
  channel: "organised-export",
  from: "2022-03-05",
  until: null,
  monthlyWageFen: 420_000,
  endedBecause: null,
  status: "recorded",
};
const aboutWork = {
  kind: "state",
  clauses: ["E-01", "E-02", "M-05", "I-07"],
  readers: ["monitoring", "industry", "cooperation", "gateway", "integrators"],
} as const;

export const WorkRecordStarted = defineEvent("employment.work-record.started", 1, WorkRecordState, {
  ...aboutWork,
  title: { zh: "务工已开始", en: "Work started" },
  example: workExample,
});
export const WorkRecordChanged = defineEvent("employment.work-record.changed", 1, WorkRecordState, {
  ...aboutWork,
  title: { zh: "务工记录已更正", en: "Work record changed" },
  example: { ...workExample, monthlyWageFen: 380_000 },
});
/** Ended because of the epidemic: the income watch looks again, and a returnee file may be opened. */
export const WorkRecordEnded = defineEvent("employment.work-record.ended", 1, WorkRecordState, {
  ...aboutWork,
  title: { zh: "务工已结束", en: "Work ended" },
  example: { ...workExample, until: "2022-07-28", endedBecause: "epidemic" },
});

/** Taken back by an office above the one that recorded it: it counts nowhere any more, and is kept. */
export const WorkRecordVoided = defineEvent("employment.work-record.voided", 1, WorkRecordState, {
  ...aboutWork,
  title: { zh: "务工记录已作废", en: "Work record voided" },
  example: { ...workExample, status: "void" },
});

export const PublicWelfarePostState = z.object({
  postId: PostId,
  region,
  kind: z
    .enum([
      "cleaning",
      "forest-ranger",
      "road",
      "water",
      "river",
      "facilities",
      "public-order",
      "epidemic-control",
      "care",
      "services",
      "by-task",
    ])
    .describe("What the post does"),
  mode: z.enum(["monthly", "daily", "by-task"]).describe("How it is paid"),
  headcount: z.int().positive().describe("Approved headcount"),
  postRateFen: Fen.describe("Monthly standard, in fen"),
  source: FundSource.describe("Pool that pays it"),
  from: DateText.describe("First day in force"),
  until: DateText.nullable().describe("Last day in force, or null"),
  status: z.enum(["open", "closed"]).describe("Whether it is in force"),
});
export type PublicWelfarePostState = z.infer<typeof PublicWelfarePostState>;
const postExample: z.input<typeof PublicWelfarePostState> = {
  postId: ids.post,
  region: village,
  kind: "cleaning",
  mode: "monthly",
  headcount: 2,
  postRateFen: 80_000,
  source: "bridging-fund-county",
  from: "2022-01-01",
  until: null,
  status: "open",
};
const aboutPost = { kind: "state", clauses: ["E-03", "E-04", "E-05"], readers: ["funds", "gateway", "integrators"] } as const;

export const PublicWelfarePostOpened = defineEvent("employment.public-welfare-post.opened", 1, PublicWelfarePostState, {
  ...aboutPost,
  title: { zh: "公益性岗位已开发", en: "Public-welfare post opened" },
  example: postExample,
});
export const PublicWelfarePostChanged = defineEvent("employment.public-welfare-post.changed", 1, PublicWelfarePostState, {
  ...aboutPost,
  title: { zh: "公益性岗位已调整", en: "Public-welfare post changed" },
  example: { ...postExample, headcount: 3 },
});
export const PublicWelfarePostClosed = defineEvent("employment.public-welfare-post.closed", 1, PublicWelfarePostState, {
  ...aboutPost,
  title: { zh: "公益性岗位已撤销", en: "Public-welfare post closed" },
  example: { ...postExample, until: "2022-12-31", status: "closed" },
});

export const PostHolderState = z.object({
  postHolderId: PostHolderId,
  postId: PostId,
  personId: person,
  householdId: household,
  region,
  from: DateText.describe("First day at the post"),
  until: DateText.nullable().describe("Last day, or null"),
  status: z.enum(["active", "suspended", "left"]).describe("Where the holder stands"),
  leftBecause: z.enum(["term-ended", "work-away", "over-age", "not-serving", "death", "other"]).nullable().describe("Or null"),
});
export type PostHolderState = z.infer<typeof PostHolderState>;
const holderExample: z.input<typeof PostHolderState> = {
  postHolderId: ids.source,
  postId: ids.post,
  personId: ids.person,
  householdId: ids.household,
  region: village,
  from: "2022-02-01",
  until: null,
  status: "active",
  leftBecause: null,
};
const aboutHolder = {
  kind: "state",
  clauses: ["E-03", "E-05", "M-06", "I-07"],
  readers: ["monitoring", "industry", "gateway", "integrators"],
} as const;

export const PostHolderStarted = defineEvent("employment.post-holder.started", 1, PostHolderState, {
  ...aboutHolder,
  title: { zh: "已上岗", en: "Post held" },
  example: holderExample,
});
export const PostHolderSuspended = defineEvent("employment.post-holder.suspended", 1, PostHolderState, {
  ...aboutHolder,
  title: { zh: "已暂停上岗", en: "Post holder suspended" },
  example: { ...holderExample, status: "suspended" },
});
export const PostHolderResumed = defineEvent("employment.post-holder.resumed", 1, PostHolderState, {
  ...aboutHolder,
  title: { zh: "已恢复上岗", en: "Post holder back at the post" },
  example: holderExample,
});
export const PostHolderLeft = defineEvent("employment.post-holder.left", 1, PostHolderState, {
  ...aboutHolder,
  title: { zh: "已离岗", en: "Post left" },
  example: { ...holderExample, until: "2022-08-31", status: "left", leftBecause: "work-away" },
});

export const AssistanceWorkshopState = z.object({
  workshopId: WorkshopId,
  region,
  kind: z.enum(["factory", "home", "farming", "trade", "culture-tourism"]).describe("Kind of workshop"),
  level: z.enum(["ordinary", "star-1", "star-2", "star-3", "star-4", "star-5", "rural-factory"]).describe("Grade"),
  collectiveLed: z.boolean().describe("Led by a village collective"),
  resettlementSiteId: ResettlementSiteId.nullable().describe("Site it serves, or null"),
  workers: z.int().nonnegative().describe("Workers in the latest report"),
  liftedWorkers: z.int().nonnegative().describe("Of them lifted or monitored"),
  reportedMonth: Month.nullable().describe("Month of the latest report, or null"),
  status: z.enum(["operating", "stopped", "not-reported", "revoked"]).describe("Not reported is a state of its own"),
});
export type AssistanceWorkshopState = z.infer<typeof AssistanceWorkshopState>;
const workshopExample: z.input<typeof AssistanceWorkshopState> = {
  workshopId: ids.source,
  region: village,
  kind: "factory",
  level: "ordinary",
  collectiveLed: true,
  resettlementSiteId: ids.site,
  workers: 46,
  liftedWorkers: 18,
  reportedMonth: "2022-08",
  status: "operating",
};
const aboutWorkshop = {
  kind: "state",
  clauses: ["E-06", "E-07", "E-08"],
  readers: ["industry", "cooperation", "gateway", "integrators"],
} as const;

export const AssistanceWorkshopRecognised = defineEvent("employment.assistance-workshop.recognised", 1, AssistanceWorkshopState, {
  ...aboutWorkshop,
  title: { zh: "帮扶车间已认定", en: "Workshop recognised" },
  example: { ...workshopExample, reportedMonth: null },
});
export const AssistanceWorkshopReported = defineEvent("employment.assistance-workshop.reported", 1, AssistanceWorkshopState, {
  ...aboutWorkshop,
  title: { zh: "帮扶车间已月报", en: "Workshop reported its month" },
  example: workshopExample,
});
/** Stopped, started again, or no fresh report. */
export const AssistanceWorkshopStatusChanged = defineEvent(
  "employment.assistance-workshop.status-changed",
  1,
  AssistanceWorkshopState,
  {
    ...aboutWorkshop,
    title: { zh: "帮扶车间状态已变化", en: "Workshop status changed" },
    example: { ...workshopExample, status: "stopped" },
  },
);
export const AssistanceWorkshopRevoked = defineEvent("employment.assistance-workshop.revoked", 1, AssistanceWorkshopState, {
  ...aboutWorkshop,
  title: { zh: "帮扶车间已撤销", en: "Workshop revoked" },
  example: { ...workshopExample, status: "revoked" },
});
