import type { Tx } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import type { DB } from "../db.ts";
import { statusOn } from "../registry/decide.ts";
import { historiesOf } from "../registry/store.ts";
import { lockWorkers, type ManyWorker } from "../work-record/bulk-store.ts";
import type { Period } from "./store.ts";

/** Somebody who can stand on a roll: their household on the period's first day, and whether it was lifted or monitored then (E-14b). */
export type Placed = { worker: ManyWorker; householdId: string; target: boolean };

/** Finds people of the caller's area for a period, locked; who is absent is unknown here, who has no household was no member on the first day. */
export async function placePeople(
  tx: Tx<DB>,
  personIds: readonly string[],
  period: Pick<Period, "from">,
): Promise<Map<string, Placed | "no-member">> {
  const workers = await lockWorkers(tx, personIds);
  const householdOf = new Map([...workers.values()].map((worker) => [worker.id, worker.workerOn(period.from).householdId]));
  const histories = await historiesOf(
    tx,
    [...householdOf.values()].filter((id) => id !== null),
  );
  return new Map(
    [...workers.values()].map((worker): [string, Placed | "no-member"] => {
      const householdId = householdOf.get(worker.id) ?? null;
      if (householdId === null) return [worker.id, "no-member"];
      const { days = [], cases = [] } = histories.get(householdId) ?? {};
      const status = statusOn(days, cases, parseBusinessDate(period.from));
      return [worker.id, { worker, householdId, target: (status?.lifted ?? false) || (status?.monitored ?? false) }];
    }),
  );
}
