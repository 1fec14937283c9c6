import { sql } from "kysely";
import type { Executor } from "./database.ts";

/** Business time of this transaction: the database's time plus the fixed offset (0 in production). Tokens, ids and the relay use real time. */
export async function businessNow(tx: Executor): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select kit.now() as now`.execute(tx);
  const row = rows[0];
  if (!row) throw new Error("kit.now() answered no row");
  return row.now;
}

/**
 * Fixes the offset of business time at the first start, or checks that it is still the same.
 * Throws when it differs: a business clock that jumps would move deadlines that already run.
 */
export async function fixClock(tx: Executor, offsetMs: number): Promise<void> {
  await sql`insert into kit.clock (offset_ms) values (${offsetMs}) on conflict do nothing`.execute(tx);
  const { rows } = await sql<{ offset_ms: number }>`select offset_ms from kit.clock`.execute(tx);
  if (rows[0]?.offset_ms !== offsetMs) {
    throw new Error(
      `this database's business clock was fixed at an offset of ${rows[0]?.offset_ms} ms; CLOCK_OFFSET_MS says ${offsetMs}`,
    );
  }
}
