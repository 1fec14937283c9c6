import { refuse } from "@shouwang/contract";
import { type Keys, monthOf, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { findVisits } from "../visit/store.ts";
import { type Asked, type Draft, namedMembers } from "./draft.ts";

const purposes = {
  "monthly-round": "每月遍访",
  "helper-visit": "帮扶走访",
  "monthly-help": "月帮扶",
  verification: "入户核实",
  sweep: "集中排查",
} as const;
const modes = { home: "入户", phone: "电话", video: "视频" } as const;
const needs: Readonly<Record<string, string>> = {
  job: "就业",
  training: "培训",
  post: "公益岗位",
  industry: "产业",
  loan: "贷款",
  health: "医疗",
  schooling: "教育",
  housing: "住房",
  "drinking-water": "饮水",
  "safety-net": "兜底保障",
};
/** First month this platform keeps visits of. */
const firstMonth = "2020-01";

/** M-04c: a visit as it was recorded, for the household to sign. What was noted down freely is sealed and not printed. */
export async function visitDraft(tx: Tx<DB>, keys: Keys, asked: Asked) {
  const months = { first: firstMonth, last: monthOf(asked.today) };
  const visit = (await findVisits(tx, [asked.aboutId], months)).get(asked.aboutId);
  if (!visit || visit.withdrawn) return refuse("visit-not-found");
  const named = await namedMembers(tx, keys, visit.householdId, asked.clear);
  return {
    entity: "visit",
    entityId: visit.id,
    householdId: visit.householdId,
    region: visit.region,
    facts: { visit: [visit.id, visit.version] },
    paper: {
      parts: [
        {
          part: "facts",
          rows: [
            ["户主", named.head],
            ["走访日期", visit.visitedOn],
            ["方式", modes[visit.mode]],
            ["事由", visit.purposes.map((purpose) => purposes[purpose]).join("、")],
            ["整户外出", visit.householdAway ? "是" : "否"],
            ["情况有变化", visit.changed ? "是" : "否"],
            ["需求", visit.needs.map((need) => needs[need] ?? need).join("、") || "无"],
          ],
        },
        { part: "cells", labels: ["农户意见", "商定事项"] },
      ],
      signers: ["农户", "走访人"],
    },
    // The form itself is the visit's signed record; nothing else waits for it.
    whenSigned: async () => ({ events: [] }),
  } satisfies Draft;
}
