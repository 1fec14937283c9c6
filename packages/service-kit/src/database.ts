import { setTimeout as pause } from "node:timers/promises";
import { Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import pg from "pg";
import { actorOf, boundsOf, type Principal } from "./principal.ts";
import { breakWhenSilent } from "./silent-connection.ts";

// Counts and money come as bigint; both stay far below 2^53 here, and a number is what the rules compute with.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error("a bigint beyond 2^53 came from the database");
  return value;
});
// A business date is a calendar date, not an instant.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

/** What kit functions need of a transaction: something SQL can be executed on. */
export type Executor = Pick<Kysely<never>, "getExecutor">;
export type Tx<Db> = Transaction<Db>;

export type Database<Db> = {
  readonly pool: pg.Pool;
  /**
   * A connection of its own beside the pool, for a lock that is held as long as the session. Whoever opens it ends it, and must ask something at least
   * every `idleMs`: the database ends a session that says nothing for longer, so that a process that hangs does not hold the lock.
   */
  openSession(idleMs: number): Promise<pg.Client>;
  /** Runs `fn` in one transaction under the principal's area; commits unless it throws. Retries serialisation failures and deadlocks. */
  withTx<T>(principal: Principal, fn: (tx: Tx<Db>) => Promise<T>): Promise<T>;
  /** The same, read only. */
  withReadTx<T>(principal: Principal, fn: (tx: Tx<Db>) => Promise<T>): Promise<T>;
  /** Closes the connections as they fall idle, and after `waitMs` those still at work too: their transactions are rolled back. */
  close(waitMs?: number): Promise<void>;
};

/** How long a statement may run, or wait for a lock, where nothing else is said. */
const statementMs = 30_000;
/** How much longer an answer may be under way. */
const answerMs = 2_000;

/**
 * Opens the pool of the service's own role. The pool never leaves this module in a handler's reach. A statement that runs too long is cancelled, and a session
 * that does nothing inside a transaction for four times as long is ended, so that nothing holds its locks for ever. A connection whose far side
 * no longer answers breaks two seconds after the longest statement would have ended.
 * @param options.statementMs how long a statement may take, 30 s by default; an operator's long work asks for more
 */
export function openDatabase<Db>(
  url: string,
  options: { max?: number; statementMs?: number; onError?: (error: Error) => void } = {},
): Database<Db> {
  const mayRunMs = options.statementMs ?? statementMs;
  const connection = {
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    statement_timeout: mayRunMs,
    idle_in_transaction_session_timeout: mayRunMs * 4,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
  const lost = (error: Error) => options.onError?.(error);
  const pool = new pg.Pool({ ...connection, max: options.max ?? 10, idleTimeoutMillis: 30_000 });
  pool.on("error", lost);
  // The pool listens to its idle connections only: without this, one that breaks in the middle of a transaction would end the process.
  pool.on("connect", (client) => client.on("error", () => {}));
  pool.on("connect", (client) => breakWhenSilent(client, mayRunMs + answerMs));
  const open = new Set<pg.PoolClient>();
  pool.on("connect", (client) => open.add(client));
  pool.on("remove", (client) => open.delete(client));
  const kysely = new Kysely<Db>({ dialect: new PostgresDialect({ pool }) });

  const run = async <T>(principal: Principal, readOnly: boolean, fn: (tx: Tx<Db>) => Promise<T>): Promise<T> => {
    const bounds = boundsOf(principal);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const start = kysely.transaction();
        return await (readOnly ? start.setAccessMode("read only") : start).execute(async (tx) => {
          await sql`select set_config('sw.lo', ${bounds.lo}, true), set_config('sw.hi', ${bounds.hi}, true),
            set_config('sw.counties', ${bounds.counties}, true), set_config('sw.assignee', ${bounds.assignee}, true),
            set_config('sw.department', ${bounds.department}, true), set_config('sw.actor', ${actorOf(principal)}, true)`.execute(
            tx,
          );
          return await fn(tx);
        });
      } catch (error) {
        if (attempt < 4 && isRetryable(error)) continue;
        throw error;
      }
    }
  };
  return {
    pool,
    openSession: async (idleMs) => {
      const client = new pg.Client({ ...connection, options: `-c idle_session_timeout=${idleMs}` });
      client.on("error", lost);
      await client.connect();
      breakWhenSilent(client, mayRunMs + answerMs);
      return client;
    },
    withTx: (principal, fn) => run(principal, false, fn),
    withReadTx: (principal, fn) => run(principal, true, fn),
    close: async (waitMs = 1_000) => {
      if (pool.ending) return;
      const closed = pool.end();
      await Promise.race([closed, pause(waitMs, undefined, { ref: false })]);
      // Safe: the pool makes its clients with `new Client`; ending one that is at work breaks its connection.
      for (const client of open) (client as pg.Client).end().catch(() => {});
      await closed;
    },
  };
}

/**
 * Runs a part of a transaction so that it can be taken back alone: it is when `keep` says no of its result, and when it throws, which goes on to the caller.
 * Parts do not stand inside one another under one name.
 */
export async function inSavepoint<T>(
  tx: Executor,
  name: string,
  keep: (result: T) => boolean,
  run: () => Promise<T>,
): Promise<T> {
  const savepoint = sql.id(name);
  await sql`savepoint ${savepoint}`.execute(tx);
  try {
    const result = await run();
    if (!keep(result)) await sql`rollback to savepoint ${savepoint}`.execute(tx);
    await sql`release savepoint ${savepoint}`.execute(tx);
    return result;
  } catch (error) {
    // What broke the connection itself cannot be taken back, and ends the transaction anyway.
    if (!isOutage(error)) await sql`rollback to savepoint ${savepoint}`.execute(tx);
    throw error;
  }
}

const sqlState = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/** Serialisation failure or deadlock: the same transaction may simply run again. */
const isRetryable = (error: unknown): boolean => ["40001", "40P01"].includes(sqlState(error) ?? "");

const outageClasses = ["08", "53", "57P", "58", "XX"];
const outageCodes = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EHOSTUNREACH", "EAI_AGAIN"]);

/** Whether the database could not be reached or could not work (connection, resources, disk), as opposed to refusing what was asked. */
export function isOutage(error: unknown): boolean {
  if (isRetryable(error)) return true;
  const code = sqlState(error);
  if (code !== undefined && (outageCodes.has(code) || outageClasses.some((start) => code.startsWith(start)))) return true;
  return (
    error instanceof Error &&
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed/.test(
      error.message,
    )
  );
}

/** Whether the database had no room on its disk for what was to be written. */
export const isDiskFull = (error: unknown): boolean => sqlState(error) === "53100";

/** Whether the database cancelled the statement because it took too long. */
export const isTooSlow = (error: unknown): boolean => sqlState(error) === "57014";

/** The name of the constraint a statement broke, if it broke one. */
export const brokenConstraint = (error: unknown): string | undefined =>
  error instanceof Error && "constraint" in error && typeof error.constraint === "string" ? error.constraint : undefined;
