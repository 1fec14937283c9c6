import { type Refusal, refuse } from "@shouwang/contract";
import { findDivision, levelOf } from "@shouwang/regions";

export type MoveStatus = "offered" | "accepted" | "declined" | "withdrawn" | "expired" | "done";

const statusNames: Record<MoveStatus, string> = {
  offered: "待受理",
  accepted: "已受理",
  declined: "已被退回",
  withdrawn: "已撤回",
  expired: "已逾期失效",
  done: "已办结",
};

export type Move = {
  id: string;
  householdId: string;
  fromRegion: string;
  toRegion: string;
  status: MoveStatus;
  reason: string;
  document: string | null;
  /** What the new place sees until the household is there: masked. */
  summary: { head: string; headcount: number; ableWorkers: number; householdKind: string; monitored: boolean };
  offeredAt: Date;
  expiresOn: string;
  answeredAt: Date | null;
  declinedBecause: string | null;
  appliedAt: Date | null;
  version: number;
};

/** Steps that are acts of the village the household lives in: they are finished there, or the case ends, before it moves. */
const villageSteps = new Map([
  ["village-reviewed", { zh: "村级评议后待公示", en: "reviewed by the village, to be posted" }],
  ["posted", { zh: "公示中", en: "posted" }],
  ["objected", { zh: "公示有异议", en: "objected to" }],
  ["township-checked", { zh: "乡镇审核后待县级审定", en: "checked by the township, to be approved by the county" }],
  ["clearance-proposed", { zh: "拟消除风险", en: "proposed for clearance" }],
]);

/** Whether a household may be offered to a village: another one of the region, and no review or posting of it running in its own village. */
export function mayOffer(given: {
  from: string;
  to: string;
  caseStatus: string | undefined;
}): Refusal<"unknown-division" | "invalid-input" | "move-blocked"> | undefined {
  const wrong = (code: "unknown-division" | "invalid-input", rule: string, zh: string, en: string) =>
    refuse(code, { errors: [{ pointer: "/toRegion", rule, zh, en, clause: "M-01" }] });
  const division = findDivision(given.to);
  if (!division) return wrong("unknown-division", "unknown-division", "没有这个行政区划代码", "There is no such division");
  if (levelOf(division.code) !== "village")
    return wrong("invalid-input", "village-level", "请填到行政村(社区)", "Name the village, not a larger division");
  if (given.to === given.from)
    return wrong("invalid-input", "another-village", "迁入地与现居村相同", "The household lives there already");
  const step = given.caseStatus === undefined ? undefined : villageSteps.get(given.caseStatus);
  if (step)
    return refuse("move-blocked", {
      detail: {
        zh: `该户认定正在本村办理(${step.zh}),请办结后再迁移`,
        en: `A case of it is under way in its village (${step.en}): finish that first`,
      },
    });
  return undefined;
}

/** Answers an offer: accepted or declined by the new place, withdrawn by the old one, expired by itself. Nothing else follows an answer. */
export function answer(
  move: Move,
  to: Exclude<MoveStatus, "offered" | "done">,
  given: { now: Date; because?: string | undefined },
): Move | Refusal<"move-state"> {
  if (move.status !== "offered")
    return refuse("move-state", {
      detail: {
        zh: `该迁移${statusNames[move.status]},不能再办理`,
        en: `The move is ${move.status}; nothing more can be done with it`,
      },
    });
  return {
    ...move,
    status: to,
    answeredAt: given.now,
    declinedBecause: given.because ?? null,
    version: move.version + 1,
  };
}
