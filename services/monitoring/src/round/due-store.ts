import { firstDayOf, lastDayOf, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { MustVisitKind, RoundScope } from "../visit/decide.ts";
import type { Range } from "./store.ts";

export type DueHousehold = {
  householdId: string;
  region: string;
  place: string;
  hamlet: string | null;
  householdKind: string;
  focus: boolean;
  /** Sign-in of its grid worker; null where no grid holds it. */
  gridWorker: string | null;
  /** Day it was last seen at home in the half year before the month's end, or null. */
  lastSeenOn: string | null;
};

type Asked = {
  month: string;
  callsFrom: string;
  phoneCounts: boolean;
  area: Range;
  after: string | undefined;
  limit: number;
};

/** What a round counts as seen: at home in the month, or a call to the absent where the settings let it, since the day they say. */
const unseen = (given: Pick<Asked, "month" | "callsFrom" | "phoneCounts">) => sql`not exists (
  select from monitoring.visit v where v.household_id = h.id and v.visited_on >= ${given.callsFrom}::date and v.visited_on <= ${lastDayOf(given.month)}::date
    and ${
      given.phoneCounts
        ? sql`(v.round_met = 'by-call' or (v.round_met = 'at-home' and v.visited_on >= ${firstDayOf(given.month)}::date))`
        : sql`v.round_met = 'at-home' and v.visited_on >= ${firstDayOf(given.month)}::date`
    })`;

/** After the last household of the page before, in order of place and id. */
const afterHousehold = (after: string | undefined) =>
  after === undefined
    ? sql`true`
    : sql`(h.place, h.id) > (select last.place, last.id from monitoring.household last where last.id = ${after}::uuid)`;

/** M-02: households nobody has reached yet in a month's round, in order of the village they live in and their id; `limit + 1` rows. What is left is looked up, never stored. */
export async function dueHouseholds(
  tx: Tx<DB>,
  given: Asked & { scope: RoundScope; gridWorker?: string | undefined },
): Promise<DueHousehold[]> {
  const { rows } = await sql<DueHousehold>`
    with due as materialized (
      select h.id, h.region, h.place, h.hamlet, h.household_kind, h.monitored_kind is not null and not h.risk_cleared as focus
      from monitoring.household h
      where h.status = 'active' and h.place >= ${given.area.lo} and h.place < ${given.area.hi}
        and ${given.scope === "focus" ? sql`h.monitored_kind is not null and not h.risk_cleared` : sql`true`}
        and ${
          given.gridWorker === undefined
            ? sql`true`
            : sql`h.id in (select a.household_id from kit.assignment a where a.kind = 'grid' and a.valid_to is null and a.subject = ${given.gridWorker})`
        }
        and ${unseen(given)} and ${afterHousehold(given.after)}
      order by h.place, h.id limit ${given.limit + 1})
    select d.id as "householdId", d.region, d.place, d.hamlet, d.household_kind as "householdKind", d.focus, a.subject as "gridWorker",
      (select max(v.visited_on) from monitoring.visit v where v.household_id = d.id and v.round_met = 'at-home'
        and v.visited_on > ${lastDayOf(given.month)}::date - 183 and v.visited_on <= ${lastDayOf(given.month)}::date) as "lastSeenOn"
    from due d left join kit.assignment a on a.household_id = d.id and a.kind = 'grid' and a.valid_to is null
    order by d.place, d.id`.execute(tx);
  return rows;
}

/** How each kind of household that must be visited is known from the registry. */
const kinds = (elderlyFrom: number, today: string) =>
  ({
    "lifted-household": sql`h.household_kind = 'lifted-household'`,
    "monitored-household": sql`h.monitored_kind is not null and not h.risk_cleared`,
    "open-lead": sql`exists (select from monitoring.risk_lead l where l.household_id = h.id and l.status in ('registered', 'dispatched'))`,
    "elderly-alone": sql`h.headcount > 0 and not exists (select from monitoring.person p where p.household_id = h.id and p.status = 'member'
      and p.birth_date > (${today}::date - make_interval(years => ${elderlyFrom}::int))::date)`,
    "without-labour": sql`h.able_workers = 0 and h.headcount > 0`,
    "low-income": sql`h.low_income`,
    relocated: sql`h.relocated`,
  }) as const satisfies Record<MustVisitKind, unknown>;

export type MustVisit = {
  householdId: string;
  region: string;
  place: string;
  hamlet: string | null;
  kinds: MustVisitKind[];
  seen: boolean;
};

/** M-02: households of the kinds that must be visited, each with its kinds and whether the month's round has reached it; `limit + 1` rows. */
export async function mustVisitHouseholds(
  tx: Tx<DB>,
  given: Asked & { kinds: readonly MustVisitKind[]; elderlyFrom: number; today: string; unseenOnly: boolean },
): Promise<MustVisit[]> {
  if (given.kinds.length === 0) return [];
  const known = kinds(given.elderlyFrom, given.today);
  const { rows } = await sql<MustVisit>`
    select h.id as "householdId", h.region, h.place, h.hamlet, not ${unseen(given)} as seen,
      array_remove(array[${sql.join(given.kinds.map((kind) => sql`case when ${known[kind]} then ${kind}::text end`))}], null) as kinds
    from monitoring.household h
    where h.status = 'active' and h.place >= ${given.area.lo} and h.place < ${given.area.hi}
      and (${sql.join(
        given.kinds.map((kind) => sql`(${known[kind]})`),
        sql` or `,
      )})
      and ${given.unseenOnly ? unseen(given) : sql`true`} and ${afterHousehold(given.after)}
    order by h.place, h.id limit ${given.limit + 1}`.execute(tx);
  return rows;
}
