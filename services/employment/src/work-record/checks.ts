import { Month, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, PageQuery, pageOf } from "@shouwang/service-kit";
import { z } from "zod";
import { command, query } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { recorders } from "./record.ts";
import { listWork, markChecked } from "./store.ts";
import { WorkView, workView } from "./views.ts";

export const listUnchecked = query(
  {
    operation: "list-unchecked-work",
    path: "/work-checks/{month}/due",
    summary: { zh: "本月尚未核实在岗的务工人员", en: "People at work whom nobody has checked in the month" },
    clauses: ["E-01"],
    allow: everyone,
    params: z.object({ month: Month }),
    query: PageQuery.extend({ region: Area.optional().describe("The caller's own where absent") }),
    reply: pageOf(WorkView),
    problems: [],
  },
  async ({ tx, params: { month }, query: { region, cursor, limit }, actor }) => {
    const rows = await listWork(tx, {
      ...{ area: rangeOf(region ?? actor.region), uncheckedSince: `${month}-01`, after: afterCursor(cursor), limit },
    });
    const page = cutPage(rows, limit, ({ id }) => id);
    return { reply: { items: page.items.map(workView), next: page.next } };
  },
);

export const checkWorkers = command(
  {
    method: "post",
    operation: "check-workers",
    path: "/work-checks",
    summary: { zh: "核实在岗(可一次多人)", en: "Record that people were found at work, many at once" },
    clauses: ["E-01"],
    allow: recorders,
    body: z.object({
      workRecordIds: z.array(z.uuid()).min(1).max(200),
      by: z.enum(["home-visit", "phone", "employer-roll"]).describe("How it was found"),
    }),
    reply: z.object({ checked: z.int(), checkedOn: z.string() }),
    problems: ["invalid-input"],
  },
  async ({ tx, body: { workRecordIds, by }, actor, today }) => {
    const checked = new Set(await markChecked(tx, workRecordIds, today));
    const errors = workRecordIds.flatMap((id, index) =>
      checked.has(id)
        ? []
        : [
            {
              ...{ pointer: `/workRecordIds/${index}`, rule: "open-record", clause: "E-01" },
              ...{ zh: "没有此务工记录,或已结束", en: "No such work record in your area, or it has ended" },
            },
          ],
    );
    if (errors.length > 0) return refuse("invalid-input", { errors });
    return {
      reply: { checked: checked.size, checkedOn: today },
      audit: [
        { action: "check-workers", entity: "work-record", entityId: by, region: actor.region.padEnd(12, "0"), clause: "E-01" },
      ],
    };
  },
);
