import type { EventDraft } from "@shouwang/contract";
import type { Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import type { Household } from "../household/store.ts";

export async function checkEntry(
  _tx: Tx<DB>,
  _household: Household,
  _given: { now: Date; actor: string },
): Promise<{ events: EventDraft[] }> {
  return { events: [] };
}
