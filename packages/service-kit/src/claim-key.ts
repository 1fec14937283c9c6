import { sql } from "kysely";
import type { Executor } from "./database.ts";

/**
 * Takes a key that only one holder in the whole region may have (one payment per person and year, one household per identity number).
 * The table has no row-level security and the service's role may only insert, so it sees keys of areas the caller may not see
 * and answers nothing but yes or no. The key goes when the transaction rolls back.
 * @returns false when somebody, anywhere in the region, holds it
 */
export async function takeKey(tx: Executor, kind: string, key: readonly (string | number)[], holder: string): Promise<boolean> {
  const result =
    await sql`insert into kit.claim_key (kind, key, holder) values (${kind}, ${joined(key)}, ${holder}) on conflict do nothing`.execute(
      tx,
    );
  return result.numAffectedRows === 1n;
}

/** Gives a key back. @returns false when this holder does not have it */
export async function releaseKey(
  tx: Executor,
  kind: string,
  key: readonly (string | number)[],
  holder: string,
): Promise<boolean> {
  const { rows } = await sql<{ gone: boolean }>`select kit.release_key(${kind}, ${joined(key)}, ${holder}) as gone`.execute(tx);
  return rows[0]?.gone === true;
}

// JSON keeps the parts apart whatever characters they hold.
const joined = (key: readonly (string | number)[]): string => JSON.stringify(key);
