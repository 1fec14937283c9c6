import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, Instant, Month, RegionCode } from "../vocabulary.ts";
import { county, ids, village } from "./examples.ts";
import { idOf, region } from "./fields.ts";

const households = (description: string) => z.int().nonnegative().describe(description);

export const MonthlyRoundId = idOf("MonthlyRoundId", "Round of one village in one month");
export type MonthlyRoundId = z.infer<typeof MonthlyRoundId>;

/** How far the round of a village is. Each household counts once, by whoever saw it; single visits are not told. */
export const MonthlyRoundState = z.object({
  monthlyRoundId: MonthlyRoundId,
  region,
  month: Month.describe("Month of the round"),
  asOfDay: DateText.describe("Last day on which the figures changed; at the lock the day of the lock"),
  households: households("Households of the village"),
  atHome: households("Of these, seen at home"),
  byCall: households("Of the others, reached by a call while the whole household was away"),
  focusHouseholds: households("Households in monitoring"),
  focusAtHome: households("Of these, seen at home"),
  focusByCall: households("Of the others in monitoring, reached by a call while away"),
  lockedAt: Instant.nullable().describe("Moment the figures were frozen, or null"),
});
export type MonthlyRoundState = z.infer<typeof MonthlyRoundState>;
const roundExample: z.input<typeof MonthlyRoundState> = {
  monthlyRoundId: ids.monthlyRound,
  region: village,
  month: "2022-08",
  asOfDay: "2022-08-14",
  households: 612,
  atHome: 301,
  byCall: 44,
  focusHouseholds: 21,
  focusAtHome: 19,
  focusByCall: 2,
  lockedAt: null,
};
const aboutRound = { kind: "state", clauses: ["M-02"], readers: ["gateway", "integrators"] } as const;

/** At most once a village and day, after a day on which something changed. */
export const MonthlyRoundProgressed = defineEvent("monitoring.monthly-round.progressed", 1, MonthlyRoundState, {
  ...aboutRound,
  title: { zh: "遍访进度(按村按日)", en: "Progress of a village's round, day by day" },
  example: roundExample,
});
/** Once a village and month, and again with a higher version when a township corrects a locked month. */
export const MonthlyRoundLocked = defineEvent("monitoring.monthly-round.locked", 1, MonthlyRoundState, {
  ...aboutRound,
  title: { zh: "月度遍访数据已锁定", en: "A village's round frozen for the month" },
  example: { ...roundExample, asOfDay: "2022-09-04", atHome: 560, byCall: 52, lockedAt: "2022-09-04T00:01:00+08:00" },
});

export const SweepId = idOf("SweepId", "Sweep");
export type SweepId = z.infer<typeof SweepId>;

/** A sweep: where, when, how far. While it is open its figures are null; they are counted and frozen as it closes. */
export const SweepState = z.object({
  sweepId: SweepId,
  region: region.describe("Division that ordered it"),
  scope: z.array(RegionCode).min(1).max(200).describe("Divisions whose every rural household is to be seen"),
  from: DateText.describe("First day"),
  until: DateText.describe("Last day"),
  status: z.enum(["open", "closed"]).describe("Where it stands"),
  households: households("Active rural households of the scope")
    .nullable()
    .describe("Active rural households of the scope, or null while open"),
  atHome: households("Of these, seen at home").nullable().describe("Of these, seen at home, or null while open"),
  byCall: households("Of the others, reached by a call")
    .nullable()
    .describe("Of the others, reached by a call while away, or null while open"),
  findings: households("Findings").nullable().describe("Findings recorded, or null while open"),
});
export type SweepState = z.infer<typeof SweepState>;
const sweepExample: z.input<typeof SweepState> = {
  sweepId: ids.sweep,
  region: county,
  scope: [county],
  from: "2022-08-15",
  until: "2022-09-15",
  status: "open",
  households: null,
  atHome: null,
  byCall: null,
  findings: null,
};
const aboutSweep = { kind: "state", clauses: ["M-01"], readers: ["gateway", "integrators"] } as const;

export const SweepOpened = defineEvent("monitoring.sweep.opened", 1, SweepState, {
  ...aboutSweep,
  title: { zh: "集中排查已部署", en: "Sweep ordered" },
  example: sweepExample,
});
export const SweepExtended = defineEvent("monitoring.sweep.extended", 1, SweepState, {
  ...aboutSweep,
  title: { zh: "集中排查已延期", en: "Sweep extended" },
  example: { ...sweepExample, until: "2022-09-30" },
});
export const SweepClosed = defineEvent("monitoring.sweep.closed", 1, SweepState, {
  ...aboutSweep,
  title: { zh: "集中排查已结束", en: "Sweep closed, its figures frozen" },
  example: { ...sweepExample, status: "closed", households: 91_300, atHome: 88_020, byCall: 3_280, findings: 145 },
});

export const TaskForceId = idOf("TaskForceId", "Task force of one division");
export type TaskForceId = z.infer<typeof TaskForceId>;

/** A standing group of the region, a city or a county. Who leads it and who is in it stays with its division. */
export const TaskForceState = z.object({
  taskForceId: TaskForceId,
  region: region.describe("Division it serves: region, city or county"),
  from: DateText.describe("First day"),
  until: DateText.nullable().describe("Last day, or null while it stands"),
  members: z.int().nonnegative().describe("How many belong to it, the leader included"),
});
export type TaskForceState = z.infer<typeof TaskForceState>;
const taskForceExample: z.input<typeof TaskForceState> = {
  taskForceId: ids.taskForce,
  region: county,
  from: "2022-07-25",
  until: null,
  members: 9,
};
const aboutTaskForce = { kind: "state", clauses: ["M-01"], readers: ["gateway", "integrators"] } as const;

export const TaskForceFormed = defineEvent("monitoring.task-force.formed", 1, TaskForceState, {
  ...aboutTaskForce,
  title: { zh: "专班已成立", en: "Task force formed" },
  example: taskForceExample,
});
export const TaskForceChanged = defineEvent("monitoring.task-force.changed", 1, TaskForceState, {
  ...aboutTaskForce,
  title: { zh: "专班成员已调整", en: "Task force's people changed" },
  example: { ...taskForceExample, members: 10 },
});
export const TaskForceEnded = defineEvent("monitoring.task-force.ended", 1, TaskForceState, {
  ...aboutTaskForce,
  title: { zh: "专班已撤销", en: "Task force ended" },
  example: { ...taskForceExample, until: "2023-03-31" },
});
