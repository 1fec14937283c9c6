import { Refusal } from "@shouwang/contract";
import type { Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { checkStaying } from "../household/roster-decide.ts";
import { findOpenMove } from "../household/roster-store.ts";
import { answer } from "./decide.ts";
import { lockMove, saveMove } from "./store.ts";

/**
 * Takes back the offer of a household that ends: there is nobody left to move, and the place it was offered to reads why. One accepted at that moment stands in
 * the way instead. The caller holds the household.
 */
export async function takeOfferBack(
  tx: Tx<DB>,
  householdId: string,
  given: { actor: string; now: Date },
): Promise<Refusal<"household-moving"> | undefined> {
  const open = await findOpenMove(tx, householdId);
  const move = open && (await lockMove(tx, open.id));
  if (!move) return undefined;
  const withdrawn = answer(move, "withdrawn", { now: given.now, because: "household-closed" });
  if (withdrawn instanceof Refusal) return checkStaying(move.status === "accepted" ? move : undefined);
  await saveMove(tx, withdrawn, given.actor);
  return undefined;
}
