import { Month } from "@shouwang/contract";
import { divisionsUnder, province, type RegionCode } from "@shouwang/regions";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { addDays, businessDate, firstDayOf, monthOf, nextMonth } from "./calendar.ts";
import type { Executor } from "./database.ts";
import type { Schedule, Service } from "./declare.ts";
import { figuresOf, freeze, indicatorPrincipal, keepPreliminary, momentOf, type Snapshot, unfrozenMonths } from "./indicator.ts";
import { type JobKind, requestJob } from "./job.ts";
import { parameterFor } from "./parameter.ts";

const kind = "indicator-month";
const Input = z.object({ month: Month, freeze: z.boolean() });
const chunkMs = 1_500;

/** The divisions whose figures are kept by month: the region, its cities and its counties. A smaller one's are counted when they are asked for. */
export const measuredDivisions = (): readonly RegionCode[] => [
  province().code,
  ...divisionsUnder(province().code, "city").map(({ code }) => code),
  ...divisionsUnder(province().code, "county").map(({ code }) => code),
];

/** Counts a month's figures for every measured division, some divisions a chunk, and keeps them as preliminary or freezes them. */
export function indicatorJob<Db>(service: Service<Db>): JobKind<Db> {
  return {
    kind,
    background: true,
    run: async ({ tx, input, checkpoint, now }) => {
      const { month, freeze: last } = Input.parse(input);
      const divisions = measuredDivisions();
      let at = z.int().default(0).parse(checkpoint);
      const until = performance.now() + chunkMs;
      const frozen: Snapshot[] = [];
      let figures = 0;
      const moment = momentOf(month, now, businessDate(now));
      while (at < divisions.length && (performance.now() < until || figures === 0)) {
        const region = divisions[at];
        if (region === undefined) break;
        const counted = await figuresOf(tx, service, indicatorPrincipal, region, moment);
        if (last) frozen.push(...(await freeze(tx, month, counted)));
        else figures += await keepPreliminary(tx, month, counted);
        figures += counted.length === 0 ? 1 : 0;
        at += 1;
      }
      const audit = frozen.length > 0 ? [frozenEntry(month, frozen.length)] : [];
      return {
        totals: { divisions: at - z.int().default(0).parse(checkpoint), figures: last ? frozen.length : figures },
        events: frozen.flatMap((snapshot) => frozenEvent(service, snapshot) ?? []),
        audit,
        ...(at < divisions.length ? { next: at } : {}),
      };
    },
  };
}

const frozenEntry = (month: Month, figures: number) => ({
  action: "freeze-indicators",
  entity: "indicator-month",
  entityId: month,
  region: province().code,
  changed: { figures },
});

/** What others are told of a frozen or corrected figure; nothing where there was nothing to count. */
export function frozenEvent<Db>(service: Service<Db>, snapshot: Snapshot) {
  if (snapshot.value === null) return undefined;
  const figure = snapshot.numerator ?? snapshot.value;
  const snapshotId = uuidv7();
  return service.indicatorFrozen.of(snapshotId, 1, snapshot.region, {
    snapshotId,
    indicator: snapshot.code,
    region: snapshot.region,
    month: snapshot.month,
    numerator: Math.round(figure),
    denominator: snapshot.denominator,
    asOf: snapshot.asOf.toISOString(),
    revision: snapshot.revision,
  });
}

/**
 * Each business day counts the present month anew, and the month before until it is frozen; once the lock day has passed, freezes what waits for it. Both
 * are asked for at most once, whatever is restarted, and a month that the service slept through is frozen when it is back.
 */
export function indicatorSchedule<Db>(): Schedule<Db> {
  return {
    name: "indicators",
    everyMs: 1_000,
    slot: (now) => businessDate(now),
    run: async ({ tx, today }) => {
      const month = monthOf(today);
      await ask(tx, month, false);
      const previous = monthOf(addDays(firstDayOf(month), -1));
      const { value: lockDay } = await parameterFor(tx, "month.lockDay", province().code, today);
      // The first count of a month that has passed is how it stood at its end.
      if (today === firstDayOf(month)) await ask(tx, previous, false);
      for (const waiting of await unfrozenMonths(tx, month)) {
        const lock = addDays(firstDayOf(nextMonth(waiting)), (lockDay ?? 3) - 1);
        if (today > lock) await ask(tx, waiting, true);
      }
      return {};
    },
  };
}

/** Asks for a month's count unless one waits or runs already. */
async function ask(tx: Executor, month: Month, last: boolean): Promise<void> {
  const { rows } = await sql`select 1 from kit.job where kind = ${kind} and state in ('queued', 'running')
    and input->>'month' = ${month} and (input->>'freeze')::boolean = ${last} limit 1`.execute(tx);
  if (rows.length > 0) return;
  await requestJob(tx, indicatorPrincipal, { kind, region: province().code, input: { month, freeze: last } });
}
