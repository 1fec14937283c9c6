import type { Tx } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { sql } from "kysely";
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

/** The people of the caller's area whose numbers have these indexes, in the same order; null for nobody. */
export async function findByIndexes(tx: Tx<DB>, indexes: readonly Buffer[]): Promise<(string | null)[]> {
  // Each number by itself, for the planner's sake, as where lists of people at work are taken in.
  const { rows } = await sql<{
    id: string | null;
  }>`select p.id from unnest(${[...indexes]}::bytea[]) with ordinality as asked (index, n)
    left join lateral (select p.id from employment.person_identity i join employment.person p on p.id = i.person_id
      where i.identity_index = asked.index order by p.status = 'member' desc, p.id limit 1) p on true order by n`.execute(tx);
  return rows.map(({ id }) => id);
}
