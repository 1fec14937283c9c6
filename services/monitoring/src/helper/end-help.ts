import { type EventDraft, HelperReleased, Refusal } from "@shouwang/contract";
import { businessDate, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { release } from "./decide.ts";
import { helpersOf, saveRelease, stateOfHelper } from "./store.ts";

/** Releases every active helper of a case that was cleared or closed, or whose household moved away; the caller holds the case. */
export async function releaseHelpers(
  tx: Tx<DB>,
  caseId: string,
  given: { because: "case-cleared" | "case-closed" | "transferred"; now: Date },
): Promise<EventDraft[]> {
  const events: EventDraft[] = [];
  for (const helper of await helpersOf(tx, caseId)) {
    const released = release(helper, { because: given.because, today: businessDate(given.now) });
    if (released instanceof Refusal) continue;
    await saveRelease(tx, released);
    events.push(HelperReleased.of(released.id, released.version, released.region, stateOfHelper(released)));
  }
  return events;
}
