import { DateText, HouseholdId, PersonId, refuse, WorkRecordState } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, PageQuery, pageOf } from "@shouwang/service-kit";
import { z } from "zod";
import { query, slice } from "../kit.ts";
import { findHousehold } from "../registry/store.ts";
import { Area } from "../registry/views.ts";
import { workMonths, workPlaces } from "./breakdown.ts";
import { checkWorkers, listUnchecked } from "./checks.ts";
import { listWorkersRoute, peopleAtWork, workFigures } from "./figures.ts";
import { changeWork, endWork, registerWork, WorkPath } from "./record.ts";
import { findWork, listWork, openVoidReason, openWorkSecret } from "./store.ts";
import { WorkDetail, WorkView, workDetail, workView } from "./views.ts";
import { voidWorkRoute } from "./void.ts";

const listWorkRoute = query(
  {
    operation: "list-work-records",
    path: "/work-records",
    summary: { zh: "务工记录列表", en: "List work records" },
    clauses: ["E-01", "E-02"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional().describe("The caller's own where absent"),
      personId: PersonId.optional(),
      householdId: HouseholdId.optional(),
      scope: WorkRecordState.shape.scope.optional(),
      channel: WorkRecordState.shape.channel.optional(),
      on: DateText.optional().describe("Only those at work on this day"),
      voided: z.stringbool().optional().describe("Those that were voided, instead of those that count"),
    }),
    reply: pageOf(WorkView),
    problems: [],
  },
  async ({ tx, query: { region, cursor, limit, ...filter }, actor }) => {
    const area = rangeOf(region ?? actor.region);
    const page = cutPage(await listWork(tx, { ...filter, area, after: afterCursor(cursor), limit }), limit, ({ id }) => id);
    return { reply: { items: page.items.map(workView), next: page.next } };
  },
);

const readWork = query(
  {
    operation: "read-work-record",
    path: "/work-records/{workRecordId}",
    summary: { zh: "查看务工记录", en: "Read a work record" },
    clauses: ["E-01"],
    allow: everyone,
    params: WorkPath,
    reply: WorkDetail,
    problems: ["work-record-not-found"],
    opens: ({ params, reply }) => ({
      ...{ action: "open-work-record", entity: "work-record", entityId: params.workRecordId, region: reply.region },
    }),
  },
  async ({ tx, params, keys }) => {
    const record = await findWork(tx, params.workRecordId);
    if (!record) return refuse("work-record-not-found");
    return { reply: workDetail(record, openWorkSecret(keys, record), openVoidReason(keys, record)) };
  },
);

const readFile = query(
  {
    operation: "read-household-file",
    path: "/households/{householdId}/file",
    summary: { zh: "一户一档:就业部分", en: "A household's file: this department's part" },
    clauses: ["M-04b", "E-01"],
    allow: everyone,
    params: z.object({ householdId: HouseholdId }),
    reply: z.object({ householdId: z.string(), workRecords: z.array(WorkView).describe("At most 200, oldest first") }),
    problems: ["household-not-found"],
    opens: ({ params }) => ({
      ...{ action: "open-household-file", entity: "household", entityId: params.householdId, region: "450000000000" },
    }),
  },
  async ({ tx, params: { householdId } }) => {
    const household = await findHousehold(tx, householdId);
    if (!household) return refuse("household-not-found");
    const records = await listWork(tx, { area: rangeOf(household.region), householdId, limit: 199 });
    return { reply: { householdId, workRecords: records.map(workView) } };
  },
);

/** Who is at work where, checked month by month, and how many that makes. */
export const workRecordSlice = slice({
  name: "work-record",
  title: { zh: "务工", en: "Work records" },
  routes: [
    ...[registerWork, changeWork, endWork, voidWorkRoute, listWorkRoute, readWork, readFile],
    ...[checkWorkers, listUnchecked, workFigures, listWorkersRoute, workPlaces, workMonths],
  ],
  clauses: [peopleAtWork],
});
