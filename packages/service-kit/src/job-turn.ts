import { sql } from "kysely";
import type { Executor } from "./database.ts";
import { nextTurn, type TurnJob, type TurnKind } from "./job-turn-decide.ts";
import type { Principal } from "./principal.ts";

/** A job whose turn it is. */
export type Turn = { id: string; kind: string; principal: Principal };

/**
 * Gives the next job its turn, in a short transaction of its own; the chunk then runs under the rights of whoever asked. One process after another chooses, so that
 * each sees what the others have just begun. What a killed process had in hand is free again as soon as nobody holds its row.
 * @param among the kinds that may be chosen
 */
export async function takeTurn(tx: Executor, kinds: readonly TurnKind[], among: readonly string[]): Promise<Turn | undefined> {
  // A turn that a crash of the database forgets is taken again: nothing has to wait for the disk.
  const { rows: began } = await sql<{ now: Date }>`select set_config('synchronous_commit', 'off', true),
    pg_advisory_xact_lock(hashtextextended('kit.job turn', 0)), clock_timestamp() as now`.execute(tx);
  // Whoever takes a turn holds the job's row a moment later, until its chunk has ended.
  await sql`update kit.job set at_work = false where id in
    (select id from kit.job where at_work and turn_at < clock_timestamp() - interval '1 second' for update skip locked)`.execute(
    tx,
  );
  const chosen = nextTurn(await turnJobs(tx), kinds, { among, now: began[0]?.now ?? new Date(0) });
  if (!chosen) return undefined;
  const { rows } = await sql<Turn>`update kit.job set at_work = true, turn_at = clock_timestamp() where id = ${chosen.id}
    and state in ('queued', 'running') and not at_work returning id, kind, principal`.execute(tx);
  return rows[0];
}

/** Every job that has begun, and of those that have not the first of each asker and kind: no other could be next. */
async function turnJobs(tx: Executor): Promise<TurnJob[]> {
  const { rows } =
    await sql<TurnJob>`with waiting as (select id, kind, asker, created_at, state = 'running' as begun, at_work, turn_at,
        retry_at is null or retry_at <= clock_timestamp() as due, row_number() over (partition by asker, kind, state, at_work order by created_at, id) as nth
      from kit.job where state in ('queued', 'running'))
    select id, kind, asker, created_at as "createdAt", begun or at_work as begun, at_work as "atWork", due, turn_at as "turnAt",
      (select turn_at from kit.job last where last.asker = waiting.asker and last.turn_at is not null order by turn_at desc limit 1) as "askerTurnAt"
    from waiting where begun or at_work or nth = 1`.execute(tx);
  return rows;
}
