import type { EventDraft } from "@shouwang/contract";
import { openDatabase } from "../database.ts";
import { appendEvents } from "../outbox.ts";
import { system } from "../principal.ts";

/**
 * Tells events of a running department through its own outbox, as a capability of it would, where that is not built yet: its relay sends them, under its own
 * credentials and in its own order. @param url the department's database, with its service's role
 */
export async function playEvents(url: string, drafts: readonly EventDraft[]): Promise<void> {
  const db = openDatabase(url);
  try {
    await db.withTx(system("test"), (tx) => appendEvents(tx, system("test"), drafts));
  } finally {
    await db.close();
  }
}
