import { type EventDraft, MonitoringDeadlineOverdue, MonthlyRoundLocked, MonthlyRoundProgressed } from "@shouwang/contract";
import { endOfDay, lastDayOf, monthOf, nextMonth, parameterFor, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { schedule } from "../kit.ts";
import { lockOf } from "../visit/decide.ts";
import { ensureVisitMonths } from "../visit/store.ts";
import { gridsBehind, lockVillages, openMonths, type RoundVillage, stateOfRound, tellVillages } from "./lock-store.ts";
import { roundSettings } from "./settings.ts";
import { markAllVillages, recountVillages, takeMarks } from "./store.ts";

const wholeRegion = "45";
/** Villages counted in one transaction: some ten thousand households. */
const chunk = 20;

/** The months visits may come for have their partition ahead: the one before, the present one and the next. */
export const makeVisitMonths = schedule({
  name: "visit-months",
  everyMs: 60_000,
  slot: (now) => now.toISOString().slice(0, 13),
  run: async ({ tx, today }) => {
    const month = monthOf(today);
    await ensureVisitMonths(tx, [month, nextMonth(month), nextMonth(nextMonth(month))]);
    return {};
  },
});

/** M-02: every village is counted anew once a day, since households come, go and change grids without a visit. */
export const markDaily = schedule({
  name: "round-daily",
  everyMs: 10_000,
  slot: (now) => new Date(now.getTime() + 8 * 3_600_000).toISOString().slice(0, 10),
  run: async ({ tx, today }) => {
    await markAllVillages(tx, monthOf(today));
    return {};
  },
});

/** Counts the villages that visits have marked since. */
export const countRounds = schedule({
  name: "round-count",
  everyMs: 1_000,
  run: async ({ tx, now, today }) => {
    const marked = await takeMarks(tx, chunk);
    if (!marked) return {};
    const { callsFrom } = await roundSettings(tx, { month: marked.month, region: wholeRegion, today });
    await recountVillages(tx, { ...marked, callsFrom, now, today });
    return { more: true };
  },
});

/** Tells how far a village's round is, once for each day on which it moved, when that day is over. */
export const tellRounds = schedule({
  name: "round-progress",
  everyMs: 2_000,
  run: async ({ tx, today }) => {
    const told = await tellVillages(tx, { before: today, limit: 200 });
    return {
      events: told.map((round) => MonthlyRoundProgressed.of(round.id, round.version, round.region, stateOfRound(round))),
      more: told.length === 200,
    };
  },
});

/** How long after the lock the figures are frozen: whoever began to send before it has ended by then. */
const graceMs = 60_000;

/** M-02: freezes the villages of a month that is past its lock, and tells of each grid that did not reach all of its households: one fact a grid and month. */
export const lockRounds = schedule({
  name: "round-lock",
  everyMs: 2_000,
  run: async ({ tx, now, today }) => {
    const lockDay = (await parameterFor(tx, "month.lockDay", wholeRegion, today)).value;
    const due = (await openMonths(tx, monthOf(today))).find(
      (month) => lockOf(month, lockDay).getTime() + graceMs < now.getTime(),
    );
    if (due === undefined) return {};
    const settings = await roundSettings(tx, { month: due, region: wholeRegion, today });
    const locked = await lockVillages(tx, { month: due, callsFrom: settings.callsFrom, limit: chunk, now, today });
    return { events: [...locked.map(lockedEvent), ...(await overdueGrids(tx, due, locked, settings))], more: true };
  },
});

export const lockedEvent = (round: RoundVillage): EventDraft =>
  MonthlyRoundLocked.of(round.id, round.version, round.region, stateOfRound(round));

async function overdueGrids(
  tx: Tx<DB>,
  month: string,
  villages: readonly RoundVillage[],
  settings: { scope: "all" | "focus"; phoneCountsWhenAbsent: boolean },
): Promise<EventDraft[]> {
  const behind = await gridsBehind(tx, { month, places: villages.map((village) => village.region), ...settings });
  const dueAt = endOfDay(lastDayOf(month)).toISOString();
  return behind.map((grid) =>
    MonitoringDeadlineOverdue.of(grid.id, 1, grid.region, {
      deadlineId: grid.id,
      kind: "monthly-round",
      clause: "M-02",
      about: "grid",
      aboutId: grid.id,
      region: grid.region,
      dueAt,
      open: grid.notSeen,
    }),
  );
}
