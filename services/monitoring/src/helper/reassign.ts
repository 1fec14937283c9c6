import { type EventDraft, HelperAssigned, HelperReleased, Refusal } from "@shouwang/contract";
import type { BusinessDate, Keys, Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import { lockCase } from "../monitored-case/store.ts";
import { keepHelperVisitMonths, monthsSince } from "../visit/helper-visit.ts";
import { isMonitored, release } from "./decide.ts";
import { findHelper, type HelperSecret, helpersOf, insertHelper, saveRelease, stateOfHelper } from "./store.ts";

/** What became of a helper's answering: passed on, ended because the successor answers there already, or found ended. */
export type Reassigned = {
  outcome: "moved" | "there-already" | "ended-before";
  caseId: string | null;
  region: string;
  events: EventDraft[];
};

/**
 * M-04a: one household's helper is released and another answers from today on, in one step, so that the household is never without one. The successor has
 * declared no tie to it.
 */
export async function reassignHelper(
  tx: Tx<DB>,
  keys: Keys,
  helperId: string,
  given: { to: string; secret: HelperSecret; by: string; now: Date; today: BusinessDate },
): Promise<Reassigned> {
  const known = await findHelper(tx, helperId);
  const monitored = known && (await lockCase(tx, known.caseId));
  // Looked up again under the case's lock: an officer may have released the helper meanwhile.
  const helper = known && (await findHelper(tx, helperId));
  const released = helper && release(helper, { because: "transferred", today: given.today });
  if (!monitored || !helper || !released || released instanceof Refusal)
    return { outcome: "ended-before", caseId: null, region: known?.region ?? "", events: [] };
  await saveRelease(tx, released);
  const events: EventDraft[] = [HelperReleased.of(released.id, released.version, released.region, stateOfHelper(released))];
  const isThere = (await helpersOf(tx, monitored.id)).some((other) => other.subject === given.to && other.until === null);
  const about = { caseId: monitored.id, region: monitored.region };
  if (isThere || !isMonitored(monitored)) return { outcome: "there-already", ...about, events };
  const entry = {
    id: uuidv7(),
    caseId: monitored.id,
    householdId: monitored.householdId,
    region: monitored.region,
    subject: given.to,
    relationship: "none" as const,
    from: given.today,
    until: null,
    releasedBecause: null,
    version: 1,
  };
  const assigned = await insertHelper(tx, keys, entry, given.secret, { by: given.by, at: given.now });
  await keepHelperVisitMonths(tx, monitored, monthsSince(given.today, given.today), { now: given.now, today: given.today });
  events.push(HelperAssigned.of(assigned.id, assigned.version, assigned.region, stateOfHelper(assigned)));
  return { outcome: "moved", ...about, events };
}
