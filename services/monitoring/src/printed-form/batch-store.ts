import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";

type OfHousehold = { id: string; hamlet: string | null; householdNo: string | null };

const natural = new Intl.Collator("zh", { numeric: true });
/** By group, then by the household's number, figures by their size (组2 before 组10); those without one last. */
const inOrder = (rows: readonly OfHousehold[]): string[] =>
  rows
    .toSorted(
      (a, b) =>
        Number(a.hamlet === null) - Number(b.hamlet === null) ||
        natural.compare(a.hamlet ?? "", b.hamlet ?? "") ||
        Number(a.householdNo === null) - Number(b.householdNo === null) ||
        natural.compare(a.householdNo ?? "", b.householdNo ?? ""),
    )
    .map(({ id }) => id);

/** M-05: the watched households of a village that have not signed for the year yet. */
export async function unsignedHouseholds(tx: Tx<DB>, village: string, year: number): Promise<string[]> {
  const { rows } = await sql<OfHousehold>`select h.id, h.hamlet, h.household_no as "householdNo" from monitoring.household h
    where h.region = ${village} and h.status = 'active' and (h.household_kind = 'lifted-household' or (h.monitored_kind is not null and not h.risk_cleared))
      and h.id <> all(array(select c.household_id from monitoring.annual_update_confirmation c where c.year = ${year} and c.region = ${village}))
    order by h.id`.execute(tx);
  return inOrder(rows);
}

/** M-04c: the visits of a village's households within days, both included, that have no signed record yet. */
export async function unsignedVisits(tx: Tx<DB>, village: string, span: { from: string; until: string }): Promise<string[]> {
  const { rows } = await sql<OfHousehold>`select v.id, h.hamlet, h.household_no as "householdNo" from monitoring.household h
    join monitoring.visit v on v.household_id = h.id and v.visited_on between ${span.from} and ${span.until} and not v.withdrawn
    where h.region = ${village} and (v.id::text in (select f.entity_id from kit.form f where f.entity = 'visit' and f.state = 'signed'
      and f.household_id = any(array(select id from monitoring.household where region = ${village})))) is not true
    order by v.visited_on, v.id`.execute(tx);
  return inOrder(rows);
}
