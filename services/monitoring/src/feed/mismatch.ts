import { businessDate, type Keys, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { lockHouseholds } from "../screening/store.ts";
import { raiseSuspect } from "../suspect/run.ts";
import type { RecordKind } from "./layout.ts";

/** What the registry says of the person and household a row is about. */
export type RegistrySays = {
  status: string;
  student: boolean;
  health: readonly string[];
  housing: boolean | null;
  drinkingWater: boolean | null;
  lowIncome: boolean;
};

/** A department's record and the registry say different things: no value of a person, codes alone. */
export type Mismatch = {
  ruleCode: string;
  recordId: string;
  householdId: string;
  personId: string | null;
  region: string;
  /** What of the person or household the two say differently. */
  field: string;
  recordSays: string;
  registrySays: string;
  source: { department: string; document: string; dataDate: string };
};

/**
 * Compares a record with the registry (M-01). Where the registry says nothing, nothing disagrees. Answers the comparison that failed and both sides, as codes.
 */
export function compareWithRegistry(
  record: { kind: RecordKind; code: string | null },
  registry: RegistrySays,
): Pick<Mismatch, "ruleCode" | "field" | "recordSays" | "registrySays"> | undefined {
  const differs = (ruleCode: string, field: string, registrySays: string, recordSays = record.code ?? record.kind) => ({
    ...{ ruleCode, field, recordSays, registrySays },
  });
  switch (record.kind) {
    case "schooling":
      if (record.code === "enrolled" && !registry.student) return differs("schooling-differs", "schooling", "not-at-school");
      return record.code === "dropped-out" && registry.student
        ? differs("schooling-differs", "schooling", "at-school")
        : undefined;
    case "disability":
      return registry.health.includes("disabled") ? undefined : differs("disability-not-registered", "health", "not-disabled");
    case "housing": {
      const isSafe = record.code === "A" || record.code === "B";
      if (registry.housing === null || registry.housing === isSafe) return undefined;
      return differs("housing-differs", "housing", registry.housing ? "safe" : "unsafe", `grade-${record.code}`);
    }
    case "water":
      if (registry.drinkingWater === null || registry.drinkingWater === (record.code === "safe")) return undefined;
      return differs("water-differs", "drinkingWater", registry.drinkingWater ? "safe" : "unsafe");
    case "low-income":
      // Temporary relief is no lasting mark of the household.
      if (record.code === "temporary-relief" || registry.lowIncome === (record.code !== "ended")) return undefined;
      return differs("low-income-differs", "lowIncome", registry.lowIncome ? "low-income" : "not-low-income");
    case "death":
      return registry.status === "died" ? undefined : differs("death-not-registered", "status", registry.status);
    default:
      return undefined;
  }
}

/**
 * Hands mismatches to the village as suspects, in the transaction that stored their records: both sides, both sources, both dates. The registry's value stays as
 * it is, and what was decided on the same values is not asked again. The households are locked first, in the order every writer locks them in.
 */
export async function raiseMismatches(tx: Tx<DB>, keys: Keys, mismatches: readonly Mismatch[], now: Date): Promise<void> {
  await lockHouseholds(tx, [...new Set(mismatches.map(({ householdId }) => householdId))]);
  for (const { ruleCode, householdId, personId, region, field, recordSays, registrySays, source } of mismatches) {
    const { department, document, dataDate } = source;
    const registry = { field, value: registrySays, source: "registry", department: "monitoring", date: businessDate(now) };
    const theirs = { field, value: recordSays, source: document, department, date: dataDate };
    const about = { ruleCode, householdId, region, personId, field, raisedBy: department };
    await raiseSuspect(tx, keys, { ...about, values: [registry, theirs] }, now);
  }
}
