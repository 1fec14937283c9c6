import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Executor } from "./database.ts";
import { actorOf, type Principal } from "./principal.ts";

/** An epoch that was started after a restore: from which position on its history is another. */
export type EpochStart = {
  epoch: number;
  fromPosition: number;
  privateEpoch: number;
  reason: string;
  startedBy: string;
  at: Date;
};

/**
 * Starts a new epoch after the database was restored from a backup, in the caller's transaction: the stream of events is laid again from the outbox, and every
 * reader goes back to what both histories share; everything private is told again. An operator's act, named in the audit by the caller.
 * @param told the epochs the relays report of the streams: the new ones must be above them too, when the backup is older than an earlier epoch
 */
export async function startEpoch(
  tx: Executor,
  by: { actor: Principal; reason: string },
  told: { events?: number; privately?: number } = {},
): Promise<{ epoch: number; fromPosition: number }> {
  await sql`update kit.private_event set sequence = null, message_id = null where sequence is not null`.execute(tx);
  const { rows } = await sql<{
    epoch: number;
    fromPosition: number;
  }>`with privately as (update kit.private_epoch set epoch = greatest(epoch, ${told.privately ?? 0}::int) + 1 returning epoch),
    events as (update kit.epoch set epoch = greatest(epoch, ${told.events ?? 0}::int) + 1,
      from_position = coalesce((select max(position) from kit.outbox), 0) returning epoch, from_position)
    insert into kit.epoch_start (id, epoch, from_position, private_epoch, reason, started_by)
    select ${uuidv7()}, events.epoch, events.from_position, privately.epoch, ${by.reason}, ${actorOf(by.actor)} from events, privately
    returning epoch, from_position as "fromPosition"`.execute(tx);
  const [row] = rows;
  if (!row) throw new Error("kit.epoch has no row");
  return row;
}

/** The epochs that were started since this database was made, the newest first. One that was restored knows those of its backup only. */
export async function epochStarts(tx: Executor): Promise<EpochStart[]> {
  const { rows } = await sql<EpochStart>`select epoch, from_position as "fromPosition", private_epoch as "privateEpoch", reason,
    started_by as "startedBy", at from kit.epoch_start order by id desc limit 100`.execute(tx);
  return rows;
}

/** The epochs of now: of the events, and of what is told privately. */
export async function presentEpochs(tx: Executor): Promise<{ events: number; privately: number }> {
  const { rows } = await sql<{
    events: number;
    privately: number;
  }>`select (select epoch from kit.epoch) as events, (select epoch from kit.private_epoch) as privately`.execute(tx);
  return rows[0] ?? { events: 1, privately: 1 };
}
