import { hasFlag, isFlagLoaded } from "@shouwang/regions";
import { type BusinessDate, readParameters, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { countyFlagLists } from "../county-list/store.ts";
import type { DB } from "../db.ts";
import type { TransportRules } from "./terms-decide.ts";

const keys = [
  ...([
    "transport.rate",
    "transport.cap.normal",
    "transport.cap.key",
    "transport.minMonthsAway",
    "transport.lateClaimUntil",
  ] as const),
  ...([
    "transport.newTripRequired",
    "transport.fareByTicket",
    "labour.ageMin",
    "labour.ageMax",
    "eligibility.afterClearance",
  ] as const),
];

/** E-02: what the settings in force say for a village's county on the date that counts. */
export async function transportRules(tx: Tx<DB>, region: string, on: BusinessDate): Promise<TransportRules> {
  const set = await readParameters(tx, keys, on);
  const lists = await countyFlagLists(tx);
  const county = `${region.slice(0, 6)}000000`;
  const isKey = hasFlag(county, "key-county", on, lists);
  return {
    rate: set("transport.rate", region),
    ceiling: set("transport.cap.normal", region),
    keyCeiling: set("transport.cap.key", region),
    keyCounty: isKey ? "yes" : isFlagLoaded("region-key-county", on, lists) ? "no" : "awaited",
    minMonthsAway: set("transport.minMonthsAway", region),
    lateClaimUntil: set("transport.lateClaimUntil", region),
    newTripRequired: set("transport.newTripRequired", region),
    fareByTicket: set("transport.fareByTicket", region),
    ageMin: set("labour.ageMin", region),
    ageMax: set("labour.ageMax", region),
    afterClearance: set("eligibility.afterClearance", region),
  };
}

export type Unclaimed = {
  personId: string;
  householdId: string;
  region: string;
  nameMask: string | null;
  workRecordId: string;
  from: string;
  until: string | null;
};

/**
 * E-02: people of the caller's area who were at work outside the region in a year, whose household is lifted or monitored, and for whom this county has no claim
 * for the year; in order of person, `limit + 1` rows. A first sight: what the rule says of each, it says when the claim is made. Household and claim are looked up
 * one by one: nothing tells the planner how many a policy lets through, and it would compare everybody with every claim.
 */
export async function listUnclaimed(
  tx: Tx<DB>,
  asked: { year: number; today: BusinessDate; area: { lo: string; hi: string }; after: string | undefined; limit: number },
): Promise<Unclaimed[]> {
  const { year, today, area, after, limit } = asked;
  const last = `${year}-12-31` < today ? `${year}-12-31` : today;
  const { rows } =
    await sql<Unclaimed>`select distinct on (w.person_id) w.person_id as "personId", w.household_id as "householdId", w.region,
      (select i.name_mask from employment.person_identity i where i.person_id = w.person_id) as "nameMask", w.id as "workRecordId", w.from_date as "from",
      w.until_date as until
    from employment.work_record w
      cross join lateral (select h.household_kind, h.monitored_kind, h.risk_cleared from employment.household h where h.id = w.household_id limit 1) h
      left join lateral (select c.id from kit.claim c where c.subject_id = w.person_id and c.kind = 'transport-subsidy' and c.period_key = ${String(year)}
        and c.status not in ('rejected', 'void', 'clawed-back') limit 1) taken on true
    where w.region >= ${area.lo} and w.region < ${area.hi} and w.voided_on is null and w.scope in ('outside-region', 'abroad')
      and w.from_date <= ${last} and coalesce(w.until_date, 'infinity'::date) >= ${`${year}-01-01`}
      and (h.household_kind = 'lifted-household' or (h.monitored_kind is not null and not h.risk_cleared)
        or exists (select from employment.monitored_case c where c.household_id = w.household_id and c.included_on <= ${last}
          and coalesce(c.ended_on, 'infinity'::date) > ${`${year}-01-01`}))
      and taken.id is null
      and (${after ?? null}::uuid is null or w.person_id > ${after ?? null}::uuid)
    order by w.person_id, w.from_date limit ${limit + 1}`.execute(tx);
  return rows;
}
