import { Month, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { actorOf, afterCursor, cutPage, everyone, lastDayOf, monthOf, PageQuery, pageOf } from "@shouwang/service-kit";
import { z } from "zod";
import { command, query } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { checkUnits, holdersFor, listAttendance, recordUnits, reopenUnits } from "./attendance-store.ts";

const MonthPath = z.object({ month: Month });

export const listAttendanceRoute = query(
  {
    operation: "list-post-attendance",
    path: "/post-attendance/{month}",
    summary: { zh: "岗位月考勤(含未填报人员)", en: "A month's attendance, with those of whom nothing is recorded" },
    clauses: ["E-04"],
    allow: everyone,
    params: MonthPath,
    query: PageQuery.extend({
      region: Area.optional().describe("The caller's own where absent"),
      open: z.stringbool().optional().describe("Only what nobody has checked yet"),
    }),
    reply: pageOf(
      z.object({
        postHolderId: z.string(),
        postId: z.string(),
        personId: z.string(),
        region: z.string(),
        name: z.string().nullable().describe("Masked"),
        unitsPerMonth: z.int().describe("Days a full month asks for; by day or task, the most that are paid"),
        units: z.int().nullable().describe("Days or tasks; null where nothing is recorded"),
        checkedOn: z.string().nullable(),
      }),
    ),
    problems: [],
    exports: {},
  },
  async ({ tx, params: { month }, query: { region, open, cursor, limit }, actor }) => {
    const asked = { area: rangeOf(region ?? actor.region), month, open, after: afterCursor(cursor), limit };
    const page = cutPage(await listAttendance(tx, asked), limit, ({ postHolderId }) => postHolderId);
    const items = page.items.map(({ nameMask, mode: _, ...row }) => ({ ...row, name: nameMask }));
    return { reply: { items, next: page.next } };
  },
);

export const recordAttendance = command(
  {
    method: "post",
    operation: "record-post-attendance",
    path: "/post-attendance/{month}",
    summary: { zh: "填报岗位月考勤(可一次多人)", en: "Record what holders did in a month, many at once" },
    clauses: ["E-04"],
    allow: ["village-officer", "first-secretary", "township-officer"],
    params: MonthPath,
    body: z.object({
      rows: z
        .array(z.object({ postHolderId: z.uuid(), units: z.int().min(0).max(62).describe("Days of service, or tasks") }))
        .min(1)
        .max(500),
    }),
    reply: z.object({ month: Month, recorded: z.int() }),
    problems: ["invalid-input", "attendance-settled"],
  },
  async ({ tx, params: { month }, body: { rows }, actor, today }) => {
    const wrong = (pointer: string, rule: string, zh: string, en: string) => ({ pointer, rule, zh, en, clause: "E-04" });
    if (month > monthOf(today))
      return refuse("invalid-input", {
        errors: [wrong("/month", "not-in-future", "不能填报未来月份", "A month to come has no attendance")],
      });
    const known = await holdersFor(
      tx,
      month,
      rows.map(({ postHolderId }) => postHolderId),
    );
    const monthDays = Number(lastDayOf(month).slice(8));
    const twice = new Set(rows.map(({ postHolderId }) => postHolderId)).size < rows.length;
    const errors = rows.flatMap(({ postHolderId, units }, index) => {
      const holder = known.get(postHolderId);
      if (!holder)
        return wrong(
          `/rows/${index}/postHolderId`,
          "held-in-month",
          "该月不在岗,或不在辖区",
          "At no post of your area in the month",
        );
      const most =
        holder.mode === "monthly" ? monthDays : Math.min(holder.unitsPerMonth, holder.mode === "daily" ? monthDays : 62);
      return units > most ? wrong(`/rows/${index}/units`, "units-of-month", `最多${most}`, `At most ${most} in this month`) : [];
    });
    if (twice) errors.push(wrong("/rows", "once-each", "同一人员重复", "A holder stands there twice"));
    if (errors.length > 0) return refuse("invalid-input", { errors });
    if (rows.some(({ postHolderId }) => known.get(postHolderId)?.checked)) return refuse("attendance-settled");
    await recordUnits(tx, { month, rows, by: actorOf(actor), on: today });
    return { reply: { month, recorded: rows.length } };
  },
);

const Chosen = z.object({
  region: Area.optional().describe("The caller's own where absent"),
  postHolderIds: z.array(z.uuid()).min(1).max(500).optional().describe("All of the area where absent"),
});

export const checkAttendance = command(
  {
    method: "post",
    operation: "check-post-attendance",
    path: "/post-attendance/{month}/check",
    summary: { zh: "乡镇核定月考勤(整批)", en: "Check a month's attendance, all of an area at once; nobody checks their own" },
    clauses: ["E-04"],
    allow: ["township-officer"],
    params: MonthPath,
    body: Chosen,
    reply: z.object({
      month: Month,
      checked: z.int(),
      own: z.int().describe("Recorded by the caller: somebody else checks these"),
    }),
    problems: ["same-person-twice"],
  },
  async ({ tx, params: { month }, body: { region, postHolderIds }, actor, today }) => {
    const area = rangeOf(region ?? actor.region);
    const done = await checkUnits(tx, { month, area, ids: postHolderIds, by: actorOf(actor), on: today });
    if (done.checked === 0 && done.own > 0) return refuse("same-person-twice");
    return {
      reply: { month, ...done },
      audit: [
        {
          ...{ action: "check-post-attendance", entity: "post-attendance", entityId: month, clause: "E-04" },
          ...{ region: actor.region.padEnd(12, "0"), changed: done },
        },
      ],
    };
  },
);

export const reopenAttendance = command(
  {
    method: "post",
    operation: "reopen-post-attendance",
    path: "/post-attendance/{month}/reopening",
    summary: { zh: "退回已核定考勤(未列入发放名单)", en: "Open checked attendance again, where no pay stands on it" },
    clauses: ["E-04"],
    allow: ["township-officer"],
    params: MonthPath,
    body: z.object({ postHolderIds: z.array(z.uuid()).min(1).max(500) }),
    reply: z.object({ month: Month, reopened: z.int() }),
    problems: ["attendance-settled"],
  },
  async ({ tx, params: { month }, body: { postHolderIds }, actor }) => {
    const reopened = await reopenUnits(tx, month, postHolderIds);
    if (reopened.length < new Set(postHolderIds).size) return refuse("attendance-settled");
    return {
      reply: { month, reopened: reopened.length },
      audit: [
        {
          ...{ action: "reopen-post-attendance", entity: "post-attendance", entityId: month, clause: "E-04" },
          ...{ region: actor.region.padEnd(12, "0"), changed: { reopened: reopened.length } },
        },
      ],
    };
  },
);
