import type { EventDefinition, EventDraft, Role } from "@shouwang/contract";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { BusinessDate } from "./calendar.ts";
import type { Tx } from "./database.ts";
import type { Principal } from "./principal.ts";

/** One turn of a round: a month or a quarter, when it begins to be asked for and until when it is owed. */
export type RoundPeriod = {
  period: string;
  startsAt: Date;
  dueAt: Date;
  /** Nothing can be made good after `dueAt` (the month's records are locked): it leaves the to-do list then. */
  closes?: true;
};

/**
 * Something due for a whole set in turn (every focus household each month). There is no row per thing: what is open is the set less what was done, asked of the
 * database when somebody looks. It appears in `/todo` by place, and when a turn has passed the department says once a place how many were left open.
 */
export type Round<Db> = {
  /** Kind in the department's words, `monthly-help`. */
  kind: string;
  clause: string;
  /** What the set is of, `focus-household`. */
  entity: string;
  roles: readonly Role[];
  /** Turns that matter on a day, the oldest first: those that run, and those just past that may still have to be told of. */
  periods(given: { tx: Tx<Db>; today: BusinessDate }): Promise<readonly RoundPeriod[]>;
  /** How many are open, by the first `digits` of their division and under the caller's area; places with none are left out. */
  open(given: {
    tx: Tx<Db>;
    period: string;
    digits: number;
    today: BusinessDate;
  }): Promise<readonly { region: string; open: number }[]>;
  /** Digits of the places lateness is told by: 12 a village, 9 a township, 6 a county. */
  toldBy: 6 | 9 | 12;
};

/** A set that is due for somebody, at one place. */
export type RoundItem = {
  id: string;
  kind: string;
  clause: string;
  entity: string;
  period: string;
  region: string;
  role: Role;
  startsAt: Date;
  dueAt: Date;
  open: number;
};

/** Places are named one level below the reader's own area, villages at the lowest. */
const digitsBelow = (region: string): number => (region.length < 6 ? 6 : region.length < 9 ? 9 : 12);

/** What the rounds owe somebody with these roles, place by place. */
export async function roundsDue<Db>(
  rounds: readonly Round<Db>[],
  given: { tx: Tx<Db>; actor: Principal; now: Date; today: BusinessDate },
): Promise<RoundItem[]> {
  const items: RoundItem[] = [];
  for (const round of rounds) {
    const role = round.roles.find((one) => given.actor.roles.includes(one));
    if (role === undefined) continue;
    for (const turn of await round.periods(given)) {
      if (turn.startsAt > given.now || (turn.closes && turn.dueAt < given.now)) continue;
      const digits = digitsBelow(given.actor.region);
      for (const { region, open } of await round.open({ tx: given.tx, period: turn.period, digits, today: given.today })) {
        const { kind, clause, entity } = round;
        const { period, startsAt, dueAt } = turn;
        items.push({ id: `${kind}/${period}/${region}`, kind, clause, entity, period, region, role, startsAt, dueAt, open });
      }
    }
  }
  return items;
}

const wholePeriod = "000000000000";
const placesAtOnce = 1_000;

/** Tells of turns that have passed with something left open: one event a place, each once whatever is restarted. Runs under the whole region. */
export async function tellRounds<Db>(
  rounds: readonly Round<Db>[],
  overdue: EventDefinition,
  given: { tx: Tx<Db>; now: Date; today: BusinessDate },
): Promise<{ events: EventDraft[]; more: boolean }> {
  const { tx, now, today } = given;
  for (const round of rounds) {
    for (const { period, dueAt } of await round.periods({ tx, today })) {
      if (dueAt >= now) continue;
      const told = await sql<{
        region: string;
      }>`select region from kit.round_told where kind = ${round.kind} and period = ${period}`.execute(tx);
      const done = new Set(told.rows.map((row) => row.region));
      if (done.has(wholePeriod)) continue;
      const open = await round.open({ tx, period, digits: round.toldBy, today });
      const left = open.filter((place) => !done.has(place.region));
      const next = left.slice(0, placesAtOnce).map((place) => ({ ...place, id: uuidv7() }));
      const more = left.length > next.length;
      const rows = more ? next : [...next, { region: wholePeriod, open: 0, id: uuidv7() }];
      await sql`insert into kit.round_told (kind, period, region, deadline_id, open, due_at, told_at)
        select ${round.kind}, ${period}, *, ${dueAt}::timestamptz, ${now}::timestamptz
        from unnest(${rows.map((row) => row.region)}::text[], ${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.open)}::int[])`.execute(
        tx,
      );
      const events = next.map((place) =>
        overdue.of(place.id, 1, place.region, {
          deadlineId: place.id,
          kind: round.kind,
          clause: round.clause,
          about: round.entity,
          aboutId: place.id,
          region: place.region,
          dueAt: dueAt.toISOString(),
          open: place.open,
        }),
      );
      if (events.length > 0 || more) return { events, more: true };
    }
  }
  return { events: [], more: false };
}
