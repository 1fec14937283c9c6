import { type EventDraft, MonitoredCaseHelpStarted } from "@shouwang/contract";
import { endDeadline, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { helpIsReady, lockCase, saveCase, stateOfCase } from "./store.ts";

/** M-04a, M-04b: an included case is being helped from the moment it has an active helper and an approved household plan. Called after either comes about. */
export async function startHelpIfReady(tx: Tx<DB>, caseId: string, given: { now: Date }): Promise<EventDraft[]> {
  const monitored = await lockCase(tx, caseId);
  if (monitored?.status !== "included" || !(await helpIsReady(tx, caseId))) return [];
  const helping = { ...monitored, status: "helping" as const, version: monitored.version + 1 };
  await saveCase(tx, helping);
  await endDeadline(tx, "complete-file", "monitored-case", caseId, "met", given.now);
  return [MonitoredCaseHelpStarted.of(helping.id, helping.version, helping.region, stateOfCase(helping))];
}
