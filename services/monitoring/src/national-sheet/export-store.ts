import { rangeOf } from "@shouwang/regions";
import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import { type Household, householdsByIds } from "../household/store.ts";

type Which = { region: string; monitoredOnly: boolean };
const inSheet = ({ region, monitoredOnly }: Which) => {
  const { lo, hi } = rangeOf(region);
  return sql`region >= ${lo} and region < ${hi} and status = 'active' and (not ${monitoredOnly}::boolean or monitored_kind is not null)`;
};

/** The next township of an area that has households of a sheet; nine digits. */
export async function nextTownship(tx: Tx<DB>, which: Which, after: string): Promise<string | undefined> {
  const { rows } = await sql<{ township: string | null }>`select min(left(region, 9)) as township from monitoring.household
    where ${inSheet(which)} and left(region, 9) > ${after}`.execute(tx);
  return rows[0]?.township ?? undefined;
}

/** Households of a sheet in the order of their ids, after one of them. */
export async function nextHouseholds(tx: Tx<DB>, which: Which, after: string, limit: number): Promise<Household[]> {
  const { rows } = await sql<{ id: string }>`select id from monitoring.household
    where ${inSheet(which)} and id > ${after}::uuid order by id limit ${limit}`.execute(tx);
  return await householdsByIds(
    tx,
    rows.map(({ id }) => id),
  );
}
