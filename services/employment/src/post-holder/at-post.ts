import { DateText, PostHolderState, refuse } from "@shouwang/contract";
import { addDays, cancelDeadlines, closePosting, lockPosting, parseBusinessDate } from "@shouwang/service-kit";
import { z } from "zod";
import { command } from "../kit.ts";
import { HolderPath } from "./apply.ts";
import { postingEvent } from "./chain.ts";
import { mayTake } from "./decide.ts";
import { lockHolder, nextState, saveHolder } from "./store.ts";
import { endSuspension, suspendedSince, suspendFrom } from "./time-store.ts";
import { HolderView, holderView } from "./views.ts";

const wrongDay = (pointer: string, zh: string, en: string) =>
  refuse("invalid-input", { errors: [{ pointer, rule: "date-order", zh, en, clause: "E-05" }] });
const offices = ["village-officer", "township-officer"] as const;

export const suspendHolder = command(
  {
    method: "post",
    operation: "suspend-post-holder",
    path: "/post-holders/{postHolderId}/suspension",
    summary: { zh: "暂停上岗(病、事假等)", en: "Suspend somebody who is sick or on leave; the days are not paid" },
    clauses: ["E-05"],
    allow: offices,
    params: HolderPath,
    body: z.object({ from: DateText.describe("First day away"), because: z.enum(["sick", "leave", "season", "other"]) }),
    reply: HolderView,
    problems: ["post-holder-not-found", "post-holder-state", "invalid-input"],
  },
  async ({ tx, params, body: { from, because }, today }) => {
    const before = await lockHolder(tx, params.postHolderId);
    if (!before) return refuse("post-holder-not-found");
    const no = mayTake(before, "suspension");
    if (no) return no;
    if (from < (before.from ?? "") || from > today)
      return wrongDay("/from", "须在上岗日与今天之间", "Between the first day at the post and today");
    await suspendFrom(tx, before, from, because);
    const { holder, events } = nextState(before, { status: "suspended" });
    await saveHolder(tx, holder);
    return { reply: holderView({ ...holder, nameMask: null }), events };
  },
);

export const resumeHolder = command(
  {
    method: "post",
    operation: "resume-post-holder",
    path: "/post-holders/{postHolderId}/resumption",
    summary: { zh: "恢复上岗", en: "Record that somebody is back at the post" },
    clauses: ["E-05"],
    allow: offices,
    params: HolderPath,
    body: z.object({ from: DateText.describe("First day back") }),
    reply: HolderView,
    problems: ["post-holder-not-found", "post-holder-state", "invalid-input"],
  },
  async ({ tx, params, body: { from }, today }) => {
    const before = await lockHolder(tx, params.postHolderId);
    if (!before) return refuse("post-holder-not-found");
    const since = await suspendedSince(tx, before.id);
    const no = mayTake(before, "resumption");
    if (no) return no;
    if (from <= (since ?? "") || from > today)
      return wrongDay("/from", "须晚于暂停日,不晚于今天", "After the first day away, and not in the future");
    await endSuspension(tx, before.id, addDays(parseBusinessDate(from), -1));
    const { holder, events } = nextState(before, { status: "active" });
    await saveHolder(tx, holder);
    return { reply: holderView({ ...holder, nameMask: null }), events };
  },
);

export const leavePost = command(
  {
    method: "post",
    operation: "leave-post",
    path: "/post-holders/{postHolderId}/departure",
    summary: { zh: "登记离岗(期满、外出、超龄、不履职等)", en: "Record that somebody left the post, and why" },
    clauses: ["E-03", "E-05"],
    allow: ["township-officer"],
    params: HolderPath,
    body: z.object({
      until: DateText.describe("Last day at the post"),
      because: PostHolderState.shape.leftBecause.unwrap().exclude(["death"]),
    }),
    reply: HolderView,
    problems: ["post-holder-not-found", "post-holder-state", "invalid-input"],
  },
  async ({ tx, params, body: { until, because }, now, today }) => {
    const before = await lockHolder(tx, params.postHolderId);
    if (!before) return refuse("post-holder-not-found");
    const no = mayTake(before, "departure");
    if (no) return no;
    if (until < (before.from ?? "") || until > today)
      return wrongDay("/until", "须在上岗日与今天之间", "Between the first day at the post and today");
    await endSuspension(tx, before.id, until);
    const { holder, events } = nextState(before, { status: "left", until, leftBecause: because });
    await saveHolder(tx, holder);
    await cancelDeadlines(tx, "post-holder", holder.id, now);
    return {
      reply: holderView({ ...holder, nameMask: null }),
      events,
      audit: [
        {
          ...{ action: "leave-post", entity: "post-holder", entityId: holder.id, region: holder.region, clause: "E-05" },
          changed: { until, because },
        },
      ],
    };
  },
);

export const withdrawApplicant = command(
  {
    method: "post",
    operation: "withdraw-post-applicant",
    path: "/post-holders/{postHolderId}/withdrawal",
    summary: { zh: "撤回岗位申请", en: "Withdraw somebody who has not begun" },
    clauses: ["E-05"],
    allow: offices,
    params: HolderPath,
    reply: HolderView,
    problems: ["post-holder-not-found", "post-holder-state"],
  },
  async ({ tx, params, now }) => {
    const before = await lockHolder(tx, params.postHolderId);
    if (!before) return refuse("post-holder-not-found");
    const no = mayTake(before, "withdrawal");
    if (no) return no;
    const { holder } = nextState(before, { status: "refused" });
    await saveHolder(tx, holder);
    await cancelDeadlines(tx, "post-holder", holder.id, now);
    const posting = await lockPosting(tx, "post-holder", holder.id);
    const isUp = posting?.state === "posted";
    if (isUp) await closePosting(tx, posting.id, "withdrawn", now);
    return {
      reply: holderView({ ...holder, nameMask: null }),
      events: isUp ? [postingEvent(posting, "withdrawn", posting.version + 1)] : [],
      audit: [
        { action: "withdraw-post-applicant", entity: "post-holder", entityId: holder.id, region: holder.region, clause: "E-05" },
      ],
    };
  },
);
