import type { EventDefinition, MonitoredCaseState } from "@shouwang/contract";
import { lockPosting, type Posting, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import type { MonitoredCase } from "./decide.ts";
import { lockCase, stateOfCase } from "./store.ts";

/** The event of a shared step. Within clearance the case's public status stays `clearance-proposed` until the county decides. */
export const stepEvent = (definition: Pick<EventDefinition<string, typeof MonitoredCaseState>, "of">, monitored: MonitoredCase) =>
  definition.of(monitored.id, monitored.version, monitored.region, stateOfCase(monitored));

export async function lockCaseAndPosting(
  tx: Tx<DB>,
  caseId: string,
): Promise<{ monitored: MonitoredCase; posting: Posting } | undefined> {
  const monitored = await lockCase(tx, caseId);
  const posting = monitored && (await lockPosting(tx, "monitored-case", caseId));
  return monitored && posting ? { monitored, posting } : undefined;
}
