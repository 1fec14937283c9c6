import { type EventDraft, FocusHouseholdListed, FocusHouseholdRemoved } from "@shouwang/contract";
import type { AuditEntry, Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import type { FocusSettings } from "./decide.ts";
import { type FocusHousehold, findToList, findToRemove, type ListArea, saveListed, saveRemoved, stateOfFocus } from "./store.ts";

export type Listed = {
  events: EventDraft[];
  audit: AuditEntry[];
  count: number;
  /** The last household looked at, where there may be more. */
  last: { region: string; householdId: string } | undefined;
};

const auditOf = (action: string, focus: FocusHousehold): AuditEntry => ({
  action,
  entity: "focus-household",
  entityId: focus.id,
  region: focus.region,
  clause: "M-05",
  changed: { criteria: focus.criteria, removedBecause: focus.removedBecause },
});

/** Brings up to `limit` entries of the list to what the conditions say, with their events and audit. */
export async function bringOn(
  tx: Tx<DB>,
  settings: FocusSettings & { year: number },
  given: ListArea & { today: string },
): Promise<Listed> {
  const { entries, last } = await findToList(tx, settings, given);
  const changed = await saveListed(tx, settings.year, given.today, entries);
  return {
    events: changed.map((focus) => FocusHouseholdListed.of(focus.id, focus.version, focus.region, stateOfFocus(focus))),
    audit: changed.map((focus) => auditOf("list-focus-household", focus)),
    count: changed.length,
    last,
  };
}

/** Takes up to `limit` households off the list for which no condition holds any more. */
export async function removeEnded(
  tx: Tx<DB>,
  settings: FocusSettings & { year: number },
  given: ListArea & { today: string },
): Promise<Listed> {
  const entries = await findToRemove(tx, settings, given);
  const removed = await saveRemoved(tx, given.today, entries);
  return {
    events: removed.map((focus) => FocusHouseholdRemoved.of(focus.id, focus.version, focus.region, stateOfFocus(focus))),
    audit: removed.map((focus) => auditOf("remove-focus-household", focus)),
    count: removed.length,
    last: entries.length < given.limit ? undefined : entries.at(-1),
  };
}
