import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";

export type PlannedDeparture = {
  id: string;
  personId: string;
  householdId: string;
  region: string;
  leavesOn: string;
  country: string;
  place: string | null;
  needs: string[];
  status: "planned" | "left" | "cancelled";
  workRecordId: string | null;
  version: number;
};
/** As it is listed: with who it is, masked. */
export type ListedDeparture = PlannedDeparture & { nameMask: string | null; phoneMask: string | null };

const columns = sql`id, person_id as "personId", household_id as "householdId", region, leaves_on as "leavesOn", country, place, needs, status,
  work_record_id as "workRecordId", version`;

/** @returns false where the person has a plan already */
export async function insertDeparture(tx: Tx<DB>, plan: PlannedDeparture, recordedBy: string): Promise<boolean> {
  const result =
    await sql`insert into employment.planned_departure (id, person_id, household_id, region, leaves_on, country, place, needs, recorded_by)
    values (${plan.id}, ${plan.personId}, ${plan.householdId}, ${plan.region}, ${plan.leavesOn}, ${plan.country}, ${plan.place}, ${plan.needs}::text[],
      ${recordedBy}) on conflict (person_id) where status = 'planned' do nothing`.execute(tx);
  return result.numAffectedRows === 1n;
}

export async function lockDeparture(tx: Tx<DB>, id: string): Promise<PlannedDeparture | undefined> {
  const { rows } =
    await sql<PlannedDeparture>`select ${columns} from employment.planned_departure where id = ${id} for update`.execute(tx);
  return rows[0];
}

export async function cancelDeparture(tx: Tx<DB>, id: string): Promise<void> {
  await sql`update employment.planned_departure set status = 'cancelled', version = version + 1 where id = ${id}`.execute(tx);
}

/** Somebody is at work: what was planned for that has come about. */
export async function leaveAsPlanned(tx: Tx<DB>, personId: string, work: { id: string; until: string | null }): Promise<void> {
  if (work.until !== null) return;
  await sql`update employment.planned_departure set status = 'left', work_record_id = ${work.id}, version = version + 1
    where person_id = ${personId} and status = 'planned'`.execute(tx);
}

/** Planned departures of the caller's area in order of their id; `limit + 1` rows. */
export async function listDepartures(
  tx: Tx<DB>,
  filter: {
    area: { lo: string; hi: string };
    status: string | undefined;
    before: string | undefined;
    after: string | undefined;
    limit: number;
  },
): Promise<ListedDeparture[]> {
  const { rows } = await sql<ListedDeparture>`select ${columns},
      (select i.name_mask from employment.person_identity i where i.person_id = d.person_id) as "nameMask",
      (select i.phone_mask from employment.person_identity i where i.person_id = d.person_id) as "phoneMask" from employment.planned_departure d
    where region >= ${filter.area.lo} and region < ${filter.area.hi} and (${filter.status ?? null}::text is null or status = ${filter.status ?? null})
      and (${filter.before ?? null}::date is null or leaves_on < ${filter.before ?? null}::date)
      and (${filter.after ?? null}::uuid is null or id > ${filter.after ?? null}::uuid) order by id limit ${filter.limit + 1}`.execute(
    tx,
  );
  return rows;
}

/** The same for many at once: people by their record that goes on. */
export async function leaveAllAsPlanned(tx: Tx<DB>, works: readonly { id: string; personId: string }[]): Promise<void> {
  if (works.length === 0) return;
  await sql`update employment.planned_departure d set status = 'left', work_record_id = g.id, version = d.version + 1
    from unnest(${works.map(({ id }) => id)}::uuid[], ${works.map(({ personId }) => personId)}::uuid[]) as g (id, person_id)
    where d.person_id = g.person_id and d.status = 'planned'`.execute(tx);
}

/** The work that a plan became was recorded by mistake: the plan stands again, unless there is another one by now. */
export async function planAgain(tx: Tx<DB>, workRecordId: string): Promise<void> {
  await sql`update employment.planned_departure d set status = 'planned', work_record_id = null, version = d.version + 1
    where d.work_record_id = ${workRecordId} and not exists (select from employment.planned_departure other
      where other.person_id = d.person_id and other.status = 'planned')`.execute(tx);
}
