import type { Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
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
): { ruleCode: string; recordSays: string; registrySays: string } | undefined {
  const differs = (ruleCode: string, registrySays: string, recordSays = record.code ?? record.kind) => ({
    ruleCode,
    recordSays,
    registrySays,
  });
  switch (record.kind) {
    case "schooling":
      if (record.code === "enrolled" && !registry.student) return differs("schooling-differs", "not-at-school");
      return record.code === "dropped-out" && registry.student ? differs("schooling-differs", "at-school") : undefined;
    case "disability":
      return registry.health.includes("disabled") ? undefined : differs("disability-not-registered", "not-disabled");
    case "housing": {
      const isSafe = record.code === "A" || record.code === "B";
      if (registry.housing === null || registry.housing === isSafe) return undefined;
      return differs("housing-differs", registry.housing ? "safe" : "unsafe", `grade-${record.code}`);
    }
    case "water":
      if (registry.drinkingWater === null || registry.drinkingWater === (record.code === "safe")) return undefined;
      return differs("water-differs", registry.drinkingWater ? "safe" : "unsafe");
    case "low-income":
      // Temporary relief is no lasting mark of the household.
      if (record.code === "temporary-relief" || registry.lowIncome === (record.code !== "ended")) return undefined;
      return differs("low-income-differs", registry.lowIncome ? "low-income" : "not-low-income");
    case "death":
      return registry.status === "died" ? undefined : differs("death-not-registered", registry.status);
    default:
      return undefined;
  }
}

/**
 * Hands mismatches to the village as suspects, in the transaction that stored their records. The one place where the comparison meets the suspects' own slice.
 */
export async function raiseMismatches(
  _tx: Tx<DB>,
  _mismatches: readonly Mismatch[],
  _given: { now: Date; actor: string },
): Promise<void> {
  // The records keep which comparison failed (`department_record.mismatch`), and the feed lists them.
}
