import { PersonErased } from "@shouwang/contract";
import { type Keys, type Tx, tellAgain } from "@shouwang/service-kit";
import type { DB } from "../db.ts";

/** Which of these people are erased, as the departments entitled to their identity are told. */
export async function erasedAmong(tx: Tx<DB>, _keys: Keys, ids: readonly string[]): Promise<Map<string, { personId: string }>> {
  const rows = await tx
    .selectFrom("monitoring.person")
    .select("id")
    .where("id", "in", ids)
    .where("erased_on", "is not", null)
    .execute();
  return new Map(rows.map(({ id }) => [id, { personId: id }]));
}

/** Tells of everybody who was ever erased once more, unchanged: who knows it already drops it. @returns how many */
export const tellErasedAgain = async (tx: Tx<DB>): Promise<number> => await tellAgain(tx, PersonErased.type);
