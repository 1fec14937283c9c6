import { sql } from "kysely";
import type { ActingAppointment } from "./acting-decide.ts";
import type { Executor } from "./database.ts";

const columns = sql`id, region, role, acting, acting_for as "actingFor", from_date as "from", until_date as until, document, ended_on as "endedOn"`;

export async function insertAppointment(tx: Executor, entry: ActingAppointment, given: { by: string; at: Date }): Promise<void> {
  await sql`insert into kit.acting_appointment (id, region, role, acting, acting_for, from_date, until_date, document, appointed_by, appointed_at)
    values (${entry.id}, ${entry.region}, ${entry.role}, ${entry.acting}, ${entry.actingFor}, ${entry.from}, ${entry.until}, ${entry.document}, ${given.by}, ${given.at})`.execute(
    tx,
  );
}

export async function lockAppointment(tx: Executor, id: string): Promise<ActingAppointment | undefined> {
  const { rows } =
    await sql<ActingAppointment>`select ${columns} from kit.acting_appointment where id = ${id} for update`.execute(tx);
  return rows[0];
}

/** An appointment, as whoever acts under it sees it. */
export async function findAppointment(tx: Executor, id: string): Promise<ActingAppointment | undefined> {
  const { rows } = await sql<ActingAppointment>`select ${columns} from kit.acting_appointment where id = ${id}`.execute(tx);
  return rows[0];
}

/** Every appointment of one person, wherever it is. */
export async function appointmentsOf(tx: Executor, acting: string): Promise<ActingAppointment[]> {
  const { rows } = await sql<ActingAppointment>`select ${columns} from kit.acting_appointment where acting = ${acting}`.execute(
    tx,
  );
  return rows;
}

export async function endAppointment(tx: Executor, id: string, given: { on: string; by: string }): Promise<void> {
  await sql`update kit.acting_appointment set ended_on = ${given.on}, ended_by = ${given.by} where id = ${id}`.execute(tx);
}

/** Appointments that a principal sees, those of one person alone where `acting` says so, in order of their id; `limit + 1` rows. */
export async function listAppointments(
  tx: Executor,
  filter: { acting: string | undefined; inForceOn: string | undefined; after: string | undefined; limit: number },
): Promise<ActingAppointment[]> {
  const { rows } = await sql<ActingAppointment>`select ${columns} from kit.acting_appointment
    where ${filter.acting === undefined ? sql`true` : sql`acting = ${filter.acting}`}
      and ${filter.inForceOn === undefined ? sql`true` : sql`ended_on is null and from_date <= ${filter.inForceOn}::date and until_date >= ${filter.inForceOn}::date`}
      and ${filter.after === undefined ? sql`true` : sql`id > ${filter.after}::uuid`} order by id limit ${filter.limit + 1}`.execute(
    tx,
  );
  return rows;
}
