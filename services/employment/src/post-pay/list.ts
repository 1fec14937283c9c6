import { Month, Refusal, RegionCode, refuse } from "@shouwang/contract";
import { findDivision, levelOf, rangeOf } from "@shouwang/regions";
import {
  actorOf,
  afterCursor,
  cutPage,
  everyone,
  findJob,
  lastDayOf,
  mayReach,
  PageQuery,
  type Principal,
  pageOf,
  requestJob,
  reviewChain,
  type Tx,
  takeStep,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import { command, query } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { approvalJob } from "./approve-job.ts";
import { type ListStep, mayTake } from "./decide.ts";
import { payListJob } from "./list-job.ts";
import { clearLines, findList, insertList, listLists, lockList, type PayList, saveList } from "./list-store.ts";
import { PayListView, payListView } from "./views.ts";

const makers = ["township-officer", "county-officer", "department-officer"] as const;
const county = ["county-officer", "department-officer"] as const;
const ListPath = z.object({ listId: z.uuid() });
const Seen = z.object({ lines: z.int().describe("As the list showed them"), amountFen: z.int() });

/** Whoever checked a list does not approve it. */
const listChain = reviewChain("post-pay-list", [
  { step: "check", roles: makers, mayFollowOwnStep: true, decides: true },
  { step: "return", roles: county, mayFollowOwnStep: true },
  { step: "approval", roles: county, decides: true },
]);
const about = (list: PayList) => ({ entity: "post-pay-list", entityId: list.id, region: list.region, round: 1 });
const auditOf = (action: string, list: PayList, changed: Record<string, unknown> = {}) => [
  { action, entity: "post-pay-list", entityId: list.id, region: list.region, clause: "E-04", changed },
];

export const makePayList = command(
  {
    method: "post",
    operation: "make-post-pay-list",
    path: "/post-pay-lists",
    summary: { zh: "生成岗位补贴发放名单(县或乡镇、按月)", en: "Have a month's pay list worked out for a county or a township" },
    clauses: ["E-04"],
    allow: makers,
    body: z.object({ region: RegionCode, month: Month }),
    reply: PayListView,
    status: 202,
    problems: ["unknown-division", "outside-area", "invalid-input", "post-pay-list-exists"],
  },
  async ({ tx, body: { region, month }, actor, today }) => {
    const division = findDivision(region);
    if (!division) return refuse("unknown-division");
    if (!mayReach(actor, region)) return refuse("outside-area");
    const wrong = (pointer: string, rule: string, zh: string, en: string) =>
      refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "E-04" }] });
    if (!["county", "township"].includes(levelOf(division.code)))
      return wrong("/region", "county-or-township", "按县或乡镇生成", "A list is a county's or a township's");
    if (lastDayOf(month) > today) return wrong("/month", "month-over", "该月尚未结束", "The month is not over");
    const id = uuidv7();
    const jobId = await requestJob(tx, actor, { kind: payListJob, region, input: { listId: id } });
    const list: PayList = {
      ...{ id, region, month, status: "generating", lines: 0, amountFen: 0, held: 0, missing: 0, withoutPay: 0, rejected: 0 },
      ...{ madeBy: actorOf(actor), checkedBy: null, approvedBy: null, document: null, jobId, madeOn: today, version: 1 },
    };
    if (!(await insertList(tx, list))) return refuse("post-pay-list-exists");
    return { reply: payListView(list), audit: auditOf("make-post-pay-list", list, { month }) };
  },
);

/** A list that is locked and stands where the step may be taken. */
async function lockFor(tx: Tx<DB>, listId: string, step: ListStep, seen?: z.output<typeof Seen>) {
  const list = await lockList(tx, listId);
  if (!list) return refuse("post-pay-list-not-found");
  const stalled = list.jobId !== null && (await findJob(tx, list.jobId))?.state === "failed";
  return mayTake({ ...list, stalled }, step, seen) ?? list;
}
const step = (tx: Tx<DB>, list: PayList, which: "check" | "return", actor: Principal, at: Date, outcome: string) =>
  takeStep(tx, listChain, about(list), which, { actor, at, outcome });

export const workOutAgain = command(
  {
    method: "post",
    operation: "work-out-post-pay-again",
    path: "/post-pay-lists/{listId}/renewal",
    summary: { zh: "重新计算发放名单", en: "Have a list worked out again, with what was mended since" },
    clauses: ["E-04"],
    allow: makers,
    params: ListPath,
    reply: PayListView,
    status: 202,
    problems: ["post-pay-list-not-found", "post-pay-list-state"],
  },
  async ({ tx, params, actor }) => {
    const found = await lockFor(tx, params.listId, "again");
    if (found instanceof Refusal) return onlyState(found);
    const jobId = await requestJob(tx, actor, { kind: payListJob, region: found.region, input: { listId: found.id } });
    const list: PayList = { ...found, status: "generating", jobId, version: found.version + 1 };
    await saveList(tx, list);
    return { reply: payListView(list), audit: auditOf("work-out-post-pay-again", list) };
  },
);
const onlyState = (refused: Refusal) => refuse(refused.code === "post-pay-list-not-found" ? refused.code : "post-pay-list-state");

export const checkPayList = command(
  {
    method: "post",
    operation: "check-post-pay-list",
    path: "/post-pay-lists/{listId}/check",
    summary: { zh: "复核发放名单(人数和金额须与所见一致)", en: "Check a list: the lines and the sum that were looked at" },
    clauses: ["E-04"],
    allow: makers,
    params: ListPath,
    body: Seen,
    reply: PayListView,
    problems: ["post-pay-list-not-found", "post-pay-list-state", "post-pay-list-changed", "role-not-allowed"],
  },
  async ({ tx, params, body, actor, now }) => {
    const found = await lockFor(tx, params.listId, "check", body);
    if (found instanceof Refusal) return found;
    const refused = await step(tx, found, "check", actor, now, "checked");
    if (refused) return refuse("role-not-allowed");
    const list: PayList = { ...found, status: "checked", checkedBy: actorOf(actor), version: found.version + 1 };
    await saveList(tx, list);
    return { reply: payListView(list), audit: auditOf("check-post-pay-list", list, body) };
  },
);

export const returnPayList = command(
  {
    method: "post",
    operation: "return-post-pay-list",
    path: "/post-pay-lists/{listId}/return",
    summary: { zh: "退回发放名单", en: "Send a checked list back" },
    clauses: ["E-04"],
    allow: county,
    params: ListPath,
    body: z.object({ because: z.enum(["attendance", "rate", "people", "sources", "other"]) }),
    reply: PayListView,
    problems: ["post-pay-list-not-found", "post-pay-list-state", "role-not-allowed"],
  },
  async ({ tx, params, body: { because }, actor, now }) => {
    const found = await lockFor(tx, params.listId, "return");
    if (found instanceof Refusal) return onlyState(found);
    const refused = await step(tx, found, "return", actor, now, because);
    if (refused) return refuse("role-not-allowed");
    const list: PayList = { ...found, status: "generated", checkedBy: null, version: found.version + 1 };
    await saveList(tx, list);
    return { reply: payListView(list), audit: auditOf("return-post-pay-list", list, { because }) };
  },
);

export const approvePayListRoute = command(
  {
    method: "post",
    operation: "approve-post-pay-list",
    path: "/post-pay-lists/{listId}/approval",
    summary: {
      zh: "审定发放名单并申请支付(整批)",
      en: "Approve a list whole and ask funds for its payments; another person than who checked it",
    },
    clauses: ["E-04"],
    allow: county,
    params: ListPath,
    body: Seen.extend({ document: z.string().trim().min(2).max(120).describe("Number of the county's decision") }),
    reply: PayListView,
    status: 202,
    problems: [
      ...(["post-pay-list-not-found", "post-pay-list-state", "post-pay-list-changed"] as const),
      ...(["role-not-allowed", "same-person-twice"] as const),
    ],
  },
  async ({ tx, params, body: { document, ...seen }, actor, now }) => {
    const found = await lockFor(tx, params.listId, "approval", seen);
    if (found instanceof Refusal) return found;
    if (found.checkedBy === actorOf(actor)) return refuse("same-person-twice");
    const refused = await takeStep(tx, listChain, about(found), "approval", {
      actor,
      at: now,
      outcome: "approved",
      detail: seen,
    });
    if (refused) return refused;
    const jobId = await requestJob(tx, actor, { kind: approvalJob, region: found.region, input: { listId: found.id } });
    const approval = { approvedBy: actorOf(actor), document, jobId, version: found.version + 1 };
    const list: PayList = { ...found, status: "approving", ...approval };
    await saveList(tx, list);
    return { reply: payListView(list), audit: auditOf("approve-post-pay-list", list, { ...seen, document }) };
  },
);

export const cancelPayList = command(
  {
    method: "post",
    operation: "cancel-post-pay-list",
    path: "/post-pay-lists/{listId}/cancellation",
    summary: { zh: "作废尚未复核的发放名单", en: "Give a list up that nobody has checked" },
    clauses: ["E-04"],
    allow: makers,
    params: ListPath,
    reply: PayListView,
    problems: ["post-pay-list-not-found", "post-pay-list-state"],
  },
  async ({ tx, params }) => {
    const found = await lockFor(tx, params.listId, "cancel");
    if (found instanceof Refusal) return onlyState(found);
    await clearLines(tx, found);
    const list: PayList = { ...found, status: "cancelled", version: found.version + 1 };
    await saveList(tx, list);
    return { reply: payListView(list), audit: auditOf("cancel-post-pay-list", list) };
  },
);

export const listPayLists = query(
  {
    operation: "list-post-pay-lists",
    path: "/post-pay-lists",
    summary: { zh: "岗位补贴发放名单(批次)", en: "Pay lists" },
    clauses: ["E-04"],
    allow: everyone,
    query: PageQuery.extend({ region: Area.optional(), month: Month.optional() }),
    reply: pageOf(PayListView),
    problems: [],
  },
  async ({ tx, query: { region, month, cursor, limit }, actor }) => {
    const area = rangeOf(region ?? actor.region);
    const page = cutPage(await listLists(tx, { area, month, after: afterCursor(cursor), limit }), limit, ({ id }) => id);
    return { reply: { items: page.items.map(payListView), next: page.next } };
  },
);

export const readPayList = query(
  {
    operation: "read-post-pay-list",
    path: "/post-pay-lists/{listId}",
    summary: { zh: "查看发放名单", en: "Read a pay list" },
    clauses: ["E-04"],
    allow: everyone,
    params: ListPath,
    reply: PayListView,
    problems: ["post-pay-list-not-found"],
  },
  async ({ tx, params }) => {
    const list = await findList(tx, params.listId);
    return list ? { reply: payListView(list) } : refuse("post-pay-list-not-found");
  },
);
