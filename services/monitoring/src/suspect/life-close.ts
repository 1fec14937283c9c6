import { Refusal, refuse } from "@shouwang/contract";
import { type BusinessDate, lastDayOf, monthOf, nextMonth, parameterFor } from "@shouwang/service-kit";
import { z } from "zod";
import { command } from "../kit.ts";
import { pass } from "./decide.ts";
import { closedEvents } from "./household-life.ts";
import { auditOf, common, SuspectPath, startClock, step } from "./life.ts";
import { lockSuspect, type Suspect, saveStep } from "./store.ts";
import { SuspectView, suspectView } from "./views.ts";

export const reviewSuspect = command(
  {
    method: "post",
    operation: "review-suspect",
    path: "/suspects/{suspectId}/review",
    summary: { zh: "乡镇复核疑点", en: "The township's look at the check: passed on, or back to the village" },
    clauses: ["M-01"],
    allow: ["township-officer"],
    params: SuspectPath,
    body: z.object({ accepted: z.boolean() }),
    reply: SuspectView,
    problems: common,
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const suspect = await lockSuspect(tx, params.suspectId);
    if (!suspect) return refuse("suspect-not-found");
    const reviewed = pass(suspect, "review", body.accepted);
    if (reviewed instanceof Refusal) return reviewed;
    const no = await step(tx, suspect, "reviewed", body.accepted ? "accepted" : "returned", { actor, now });
    if (no) return no;
    await saveStep(tx, keys, reviewed);
    if (!body.accepted) await startClock(tx, reviewed, now, today);
    return { reply: suspectView(reviewed), audit: auditOf("review-suspect", reviewed) };
  },
);

export const closeSuspect = command(
  {
    method: "post",
    operation: "close-suspect",
    path: "/suspects/{suspectId}/closure",
    summary: { zh: "县级办结疑点", en: "The county closes a suspect, or sends it back; the decision holds for the same values" },
    clauses: ["M-01"],
    allow: ["county-officer"],
    params: SuspectPath,
    body: z.object({ accepted: z.boolean() }),
    reply: SuspectView,
    problems: common,
  },
  async ({ tx, params, body, actor, keys, now, today }) => {
    const suspect = await lockSuspect(tx, params.suspectId);
    if (!suspect) return refuse("suspect-not-found");
    const passed = pass(suspect, "closure", body.accepted);
    if (passed instanceof Refusal) return passed;
    const no = await step(tx, suspect, "closed", body.accepted ? "accepted" : "returned", { actor, now });
    if (no) return no;
    const months = await parameterFor(tx, "suspect.keepMonths", suspect.region, today);
    const closed: Suspect = body.accepted ? { ...passed, closedOn: today, expiresOn: monthsAfter(today, months.value) } : passed;
    await saveStep(tx, keys, closed);
    if (!body.accepted) await startClock(tx, closed, now, today);
    const events = body.accepted ? closedEvents(closed) : [];
    return { reply: suspectView(closed), events, audit: auditOf("close-suspect", closed) };
  },
);

/** The last day of the month that lies so many months on. */
const monthsAfter = (day: BusinessDate, months: number): string => {
  let month = monthOf(day);
  for (let n = 0; n < months; n += 1) month = nextMonth(month);
  return lastDayOf(month);
};
