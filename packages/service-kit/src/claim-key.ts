import { sql } from "kysely";
import { type Executor, inSavepoint } from "./database.ts";

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

/** One key that is asked for, and who is to hold it. */
type AskedKey = { kind: string; key: readonly (string | number)[]; holder: string };

/**
 * Takes many keys, in two statements where all are free: a holder gets all it asks for or none. Whoever of the holders asked is answered nothing but yes or no.
 * @returns the holders that did not get theirs
 */
export async function takeKeysOfMany(tx: Executor, asked: readonly AskedKey[]): Promise<Set<string>> {
  if (asked.length === 0) return new Set();
  const sorted = asked
    .map((one) => ({ ...one, key: joined(one.key) }))
    .sort((a, b) => compare(a.kind, b.kind) || compare(a.key, b.key));
  const insert = async (rows: typeof sorted) => {
    const result =
      await sql`insert into kit.claim_key (kind, key, holder) select * from unnest(${rows.map(({ kind }) => kind)}::text[],
      ${rows.map(({ key }) => key)}::text[], ${rows.map(({ holder }) => holder)}::text[]) on conflict do nothing`.execute(tx);
    return Number(result.numAffectedRows ?? 0n) === rows.length;
  };
  if (
    await inSavepoint(
      tx,
      "all_keys",
      (all) => all,
      () => insert(sorted),
    )
  )
    return new Set();
  const without = new Set<string>();
  for (const holder of new Set(sorted.map((one) => one.holder))) {
    const own = sorted.filter((one) => one.holder === holder);
    if (
      !(await inSavepoint(
        tx,
        "own_keys",
        (all) => all,
        () => insert(own),
      ))
    )
      without.add(holder);
  }
  return without;
}
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

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
