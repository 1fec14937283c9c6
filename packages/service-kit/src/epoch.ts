import { sql } from "kysely";
import type { Executor } from "./database.ts";

/**
 * Starts a new epoch after the database was restored from a backup, in the caller's transaction: the stream of events is laid again from the outbox, and every
 * reader goes back to what both histories share; everything private is told again. An operator's act, named in the audit by the caller.
 * @param told the epochs the relays report of the streams: the new ones must be above them too, when the backup is older than an earlier epoch
 */
export async function startEpoch(
  tx: Executor,
  told: { events?: number; privately?: number } = {},
): Promise<{ epoch: number; fromPosition: number }> {
  await sql`update kit.private_epoch set epoch = greatest(epoch, ${told.privately ?? 0}::int) + 1`.execute(tx);
  await sql`update kit.private_event set sequence = null, message_id = null where sequence is not null`.execute(tx);
  const { rows } = await sql<{
    epoch: number;
    fromPosition: number;
  }>`update kit.epoch set epoch = greatest(epoch, ${told.events ?? 0}::int) + 1,
    from_position = coalesce((select max(position) from kit.outbox), 0) returning epoch, from_position as "fromPosition"`.execute(
    tx,
  );
  const [row] = rows;
  if (!row) throw new Error("kit.epoch has no row");
  return row;
}
