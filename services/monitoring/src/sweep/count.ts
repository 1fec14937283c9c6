import { SweepClosed } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { schedule } from "../kit.ts";
import {
  markScope,
  recountSweep,
  runningSweeps,
  saveSweep,
  stateOfSweep,
  sweepTotals,
  takeSweepMarks,
  villagesToClose,
} from "./store.ts";

const chunk = 20;
const wholeRegion = { lo: "0", hi: "a" };

/** M-01: the villages of sweeps that run are counted anew once a day, since households come and go without a visit. */
export const markSweepsDaily = schedule({
  name: "sweep-daily",
  everyMs: 10_000,
  slot: (now) => new Date(now.getTime() + 8 * 3_600_000).toISOString().slice(0, 10),
  run: async ({ tx }) => {
    for (const sweep of await runningSweeps(tx)) if (sweep.status === "open") await markScope(tx, sweep.scope.map(rangeOf));
    return {};
  },
});

/** Counts the villages that visits have marked since, for each sweep they belong to. */
export const countSweeps = schedule({
  name: "sweep-count",
  everyMs: 1_000,
  run: async ({ tx, now }) => {
    const places = await takeSweepMarks(tx, chunk);
    if (places.length === 0) return {};
    for (const sweep of await runningSweeps(tx))
      if (sweep.status === "open") await recountSweep(tx, sweep, { places, now, final: false });
    return { more: true };
  },
});

/** Counts the villages of closing sweeps for the last time; when none is left the figures are frozen and told. */
export const closeSweeps = schedule({
  name: "sweep-close",
  everyMs: 2_000,
  run: async ({ tx, now }) => {
    const sweep = (await runningSweeps(tx)).find((one) => one.status === "closing");
    if (!sweep) return {};
    const places = await villagesToClose(tx, sweep, sweep.scope.map(rangeOf), chunk);
    await recountSweep(tx, sweep, { places, now, final: true });
    if (places.length > 0) return { more: true };
    const closed = {
      ...sweep,
      status: "closed" as const,
      closedAt: now,
      figures: await sweepTotals(tx, sweep.id, wholeRegion),
      version: sweep.version + 1,
    };
    await saveSweep(tx, closed);
    return { events: [SweepClosed.of(closed.id, closed.version, closed.division, stateOfSweep(closed))], more: true };
  },
});
