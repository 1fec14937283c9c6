import { AppealFiled, AppealLapsed, type EventDraft } from "@shouwang/contract";
import { businessDate, endDeadline, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { lapse } from "./decide.ts";
import { lockOpenAppeals, saveAppeal, stateOfAppeal } from "./store.ts";

/** Ends the open appeals of a household that has ended. The caller holds the household. */
export async function endAppeals(tx: Tx<DB>, householdId: string, now: Date): Promise<EventDraft[]> {
  const events: EventDraft[] = [];
  for (const appeal of await lockOpenAppeals(tx, householdId)) {
    const lapsed = lapse(appeal, businessDate(now));
    await saveAppeal(tx, lapsed);
    await endDeadline(tx, "decide-appeal", "appeal", lapsed.id, "cancelled", now);
    events.push(AppealLapsed.of(lapsed.id, lapsed.version, lapsed.region, stateOfAppeal(lapsed)));
  }
  return events;
}

/** Tells of the open appeals of a household that has moved under their new place: the level above there decides them. */
export async function announceAppeals(tx: Tx<DB>, householdId: string): Promise<EventDraft[]> {
  const events: EventDraft[] = [];
  for (const appeal of await lockOpenAppeals(tx, householdId)) {
    const told = { ...appeal, version: appeal.version + 1 };
    await saveAppeal(tx, told);
    events.push(AppealFiled.of(told.id, told.version, told.region, stateOfAppeal(told)));
  }
  return events;
}
