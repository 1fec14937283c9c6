import type { Tx } from "@shouwang/service-kit";
import type { DB } from "./db.ts";

/** Days, both included; an end that is open is null. */
export type Days = { from: string; until: string | null };

/**
 * The times in which a person holds a public-welfare post that share a day with others. A post and work away on one day are a suspect, and the post ends before
 * a transport subsidy is paid (E-02); a month with a post is no month of labour subsidy (E-09).
 *
 * There are no posts in this department yet, so nothing overlaps: the slice of posts reads its holders here.
 */
export async function postsDuring(_tx: Tx<DB>, _personId: string, _days: Days): Promise<readonly Days[]> {
  return [];
}
