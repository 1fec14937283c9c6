import { parameterFor, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import type { Household } from "../household/store.ts";
import { incomesOf } from "../household-income/store.ts";
import type { IncomeFacts } from "./inclusion-decide.ts";

/**
 * The household's newest income record of a kind and the monitoring line in force for its place.
 * @param since only a record whose period ends on this day or later: an income of before the inclusion says nothing about clearance
 */
export async function incomeFactsOf(
  tx: Tx<DB>,
  household: Household,
  kinds: readonly string[],
  today: string,
  since: string,
): Promise<IncomeFacts & { incomeId: string | null }> {
  const income = (await incomesOf(tx, household.id)).find((record) => kinds.includes(record.kind) && record.until >= since);
  const line = await parameterFor(tx, "monitoring-line", household.region, today);
  return {
    incomeId: income?.id ?? null,
    perCapitaFen: income?.perCapitaFen ?? null,
    until: income?.until ?? null,
    lineFen: line.value,
    lineDocument: line.document,
  };
}
