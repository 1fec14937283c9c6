import { type EarlyAlarmState, Reason, type Risk } from "@shouwang/contract";
import { addDays, type BusinessDate, daysBetween, parseBusinessDate, startOfDay, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringEarlyAlarm } from "../db.ts";
import type { EarlyAlarm, TownshipLeads } from "./decide.ts";

const windowsBefore = 12;
/** The day of an instant in Shanghai. */
const dayOf = (column: string) => sql`(${sql.raw(column)} at time zone 'Asia/Shanghai')::date`;

/** The leads of every township with a household in the registry, by its nine digits. A lead that joined another is that other one. */
export async function leadsByTownship(
  tx: Tx<DB>,
  { today, windowDays }: { today: BusinessDate; windowDays: number },
): Promise<Map<string, TownshipLeads>> {
  const registries = await sql<{
    township: string;
    began: string;
  }>`select left(region, 9) as township, min(${dayOf("created_at")})::text as began
    from monitoring.household where status in ('active', 'moving') group by 1`.execute(tx);
  const last = await sql<{
    township: string;
    found: string;
  }>`select left(region, 9) as township, max(${dayOf("found_at")})::text as found
    from monitoring.risk_lead where status <> 'merged' group by 1`.execute(tx);
  const first = startOfDay(addDays(today, 1 - windowDays * (windowsBefore + 1)));
  const counts = await sql<{ township: string; span: number; cause: Risk; leads: number }>`select left(region, 9) as township,
      (${today}::date - ${dayOf("found_at")}) / ${windowDays}::int as span, cause, count(*)::int as leads
    from monitoring.risk_lead where status <> 'merged' and found_at >= ${first} group by 1, 2, 3 order by 1, 2, 3`.execute(tx);
  const lastFound = new Map(last.rows.map(({ township, found }) => [township, found]));
  const townships = new Map<
    string,
    { present: number; before: number[]; byCause: Map<Risk, number>; quietSince: BusinessDate }
  >();
  for (const { township, began } of registries.rows) {
    const days = daysBetween(parseBusinessDate(began), today) + 1;
    // A span before the registry began, or one it saw only the end of, says nothing about what is usual.
    const whole = Math.max(0, Math.min(windowsBefore, Math.floor(days / windowDays) - 1));
    townships.set(township, {
      present: 0,
      before: Array.from({ length: whole }, () => 0),
      byCause: new Map(),
      quietSince: parseBusinessDate(lastFound.get(township) ?? began),
    });
  }
  for (const { township, span, cause, leads } of counts.rows) {
    const place = townships.get(township);
    if (!place) continue;
    if (span === 0) {
      place.present += leads;
      place.byCause.set(cause, leads);
    } else if (span <= place.before.length) place.before[span - 1] = (place.before[span - 1] ?? 0) + leads;
  }
  return townships;
}

const fromRow = (row: Omit<Selectable<MonitoringEarlyAlarm>, "answer" | "answered_by">): EarlyAlarm => ({
  id: row.id,
  region: row.region,
  // Safe, here and below: check constraints and the one writer of these columns hold them to the unions.
  kind: row.kind as EarlyAlarm["kind"],
  cause: row.cause as Risk | null,
  leads: row.leads,
  explanation: z.array(Reason).parse(row.explanation),
  raisedOn: row.raised_on,
  status: row.status as EarlyAlarm["status"],
  answeredOn: row.answered_on,
  endedOn: row.ended_on,
  version: row.version,
});

/** An alarm as its events carry it. */
export const stateOfAlarm = ({ id, explanation: _, version: __, ...alarm }: EarlyAlarm): z.input<typeof EarlyAlarmState> => ({
  ...alarm,
  alarmId: id,
});

/** Every alarm that is not over, locked, in order of its id. */
export async function lockAlarms(tx: Tx<DB>): Promise<EarlyAlarm[]> {
  const rows = await tx
    .selectFrom("monitoring.early_alarm")
    .selectAll()
    .where("status", "<>", "ended")
    .orderBy("id")
    .forUpdate()
    .execute();
  return rows.map(fromRow);
}

export async function lockAlarm(tx: Tx<DB>, id: string): Promise<EarlyAlarm | undefined> {
  const row = await tx.selectFrom("monitoring.early_alarm").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  return row && fromRow(row);
}

export async function insertAlarm(tx: Tx<DB>, alarm: EarlyAlarm): Promise<void> {
  await tx
    .insertInto("monitoring.early_alarm")
    .values({
      id: alarm.id,
      region: alarm.region,
      kind: alarm.kind,
      cause: alarm.cause,
      leads: alarm.leads,
      explanation: JSON.stringify(alarm.explanation),
      raised_on: alarm.raisedOn,
    })
    .execute();
}

/** @param said the sealed answer and who gave it, where it is what changes */
export async function saveAlarm(tx: Tx<DB>, alarm: EarlyAlarm, said?: { answer: Buffer; by: string }): Promise<void> {
  await tx
    .updateTable("monitoring.early_alarm")
    .set({
      status: alarm.status,
      answered_on: alarm.answeredOn,
      ended_on: alarm.endedOn,
      version: alarm.version,
      ...(said ? { answer: said.answer, answered_by: said.by } : {}),
    })
    .where("id", "=", alarm.id)
    .execute();
}

/** The alarms of an area in order of their id; `limit + 1` rows. */
export async function listAlarms(
  tx: Tx<DB>,
  filter: { area: { lo: string; hi: string }; over: boolean; after: string | undefined; limit: number },
): Promise<EarlyAlarm[]> {
  let query = tx
    .selectFrom("monitoring.early_alarm")
    .selectAll()
    .where("region", ">=", filter.area.lo)
    .where("region", "<", filter.area.hi)
    .where("status", filter.over ? "=" : "<>", "ended")
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.after) query = query.where("id", ">", filter.after);
  return (await query.execute()).map(fromRow);
}
