import { AppealDecided, AppealState, Refusal, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { actorOf, afterCursor, cutPage, endDeadline, everyone, PageQuery, pageOf, takeStep } from "@shouwang/service-kit";
import { z } from "zod";
import { lockHousehold } from "../household/store.ts";
import { command, query, slice } from "../kit.ts";
import { AppealPath, aboutAppeal, appealChain, fileAppeal, withdrawAppeal } from "./file.ts";
import { reopen } from "./reopen.ts";
import { type Appeal, findAppeal, listAppeals, lockAppeal, settleAppeal, stateOfAppeal } from "./store.ts";
import { AppealView, appealView } from "./views.ts";

const decideAppeal = command(
  {
    method: "post",
    operation: "decide-appeal",
    path: "/appeals/{appealId}/decision",
    summary: {
      zh: "裁定申诉(由作出决定的上一级、另一人办理)",
      en: "Decide an appeal: the level above the one that refused, by somebody who neither refused nor took it in",
    },
    clauses: ["M-03", "M-04c"],
    allow: ["township-officer", "county-officer", "city-officer"],
    params: AppealPath,
    body: z.object({
      outcome: z.enum(["upheld", "overturned"]).describe("upheld: the decision stands; overturned: it is taken again"),
      reason: z.string().trim().min(4).max(1_000).describe("Told to the household; sealed"),
    }),
    reply: AppealView,
    problems: [
      "appeal-not-found",
      "appeal-state",
      "role-not-allowed",
      "same-person-twice",
      "household-not-active",
      "lead-open-already",
      "case-open-already",
    ],
  },
  async ({ tx, keys, params, body, actor, now, today }) => {
    const appeal = await lockAppeal(tx, params.appealId);
    if (!appeal) return refuse("appeal-not-found");
    if (appeal.status !== "filed") return refuse("appeal-state");
    const step = await takeStep(tx, appealChain, aboutAppeal(appeal), `decided-by-${appeal.level}`, {
      actor,
      at: now,
      outcome: body.outcome,
    });
    if (step) return step;
    if (appeal.refusedBy === actorOf(actor)) return refuse("same-person-twice");
    const after: Appeal = {
      ...appeal,
      status: body.outcome,
      decidedOn: today,
      decidedBy: actorOf(actor),
      version: appeal.version + 1,
    };
    await settleAppeal(tx, keys, after, body.reason);
    await endDeadline(tx, "decide-appeal", "appeal", appeal.id, "met", now);
    const events = [AppealDecided.of(after.id, after.version, after.region, stateOfAppeal(after))];
    if (body.outcome === "upheld") return { reply: appealView(after), events };
    const household = await lockHousehold(tx, appeal.householdId);
    if (household?.status !== "active") return refuse("household-not-active");
    const reopened = await reopen(tx, after, { household, actor, now, today });
    if (reopened instanceof Refusal) return reopened;
    return { reply: appealView(after), events: [...events, ...reopened] };
  },
);

const listAppealsRoute = query(
  {
    operation: "list-appeals",
    path: "/appeals",
    summary: { zh: "申诉列表", en: "List appeals" },
    clauses: ["M-03"],
    allow: everyone,
    query: PageQuery.extend({
      status: AppealState.shape.status.optional(),
      region: z
        .string()
        .regex(/^\d{2,12}$/)
        .optional(),
    }),
    reply: pageOf(AppealView),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { cursor, limit, region, status } }) => {
    const area = region ? { region: rangeOf(region) } : {};
    const rows = await listAppeals(tx, { status, ...area, after: afterCursor(cursor), limit });
    const page = cutPage(rows, limit, (row) => row.id);
    return { reply: { items: page.items.map(appealView), next: page.next } };
  },
);

const readAppeal = query(
  {
    operation: "read-appeal",
    path: "/appeals/{appealId}",
    summary: {
      zh: "查看申诉及理由(留痕)",
      en: "Read an appeal with its grounds and the reason of the decision; each opening is audited",
    },
    clauses: ["M-03"],
    allow: ["village-officer", "township-officer", "county-officer", "city-officer", "auditor"],
    params: AppealPath,
    reply: AppealView.extend({ grounds: z.string(), reason: z.string().nullable() }),
    problems: ["appeal-not-found"],
    opens: ({ reply }) => ({
      action: "open-appeal",
      entity: "appeal",
      entityId: reply.appealId,
      region: reply.region,
      clause: "M-03",
    }),
  },
  async ({ tx, keys, params }) => {
    const found = await findAppeal(tx, keys, params.appealId);
    if (!found) return refuse("appeal-not-found");
    const { appeal, grounds, reason } = found;
    return { reply: { ...appealView(appeal), grounds, reason } };
  },
);

/** A household that does not accept a decision has it looked at by the level above, within days that run. */
export const appealSlice = slice({
  name: "appeal",
  title: { zh: "申诉", en: "Appeals" },
  routes: [fileAppeal, withdrawAppeal, decideAppeal, listAppealsRoute, readAppeal],
});
