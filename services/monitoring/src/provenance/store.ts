import { type Keys, openRecord, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { placeOfChange } from "../household-members/correct-store.ts";
import type { RecordedChange } from "./decide.ts";

const Changed = z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() }));
const Sealed = z.object({ changed: z.record(z.string(), z.unknown()) });

/** The changes of a household with everything they rest on, oldest first. */
export async function householdChanges(tx: Tx<DB>, householdId: string): Promise<RecordedChange[]> {
  const rows = await tx
    .selectFrom("monitoring.household_change")
    .selectAll()
    .where("household_id", "=", householdId)
    .orderBy("version")
    .execute();
  return rows.map((row) => ({
    version: row.version,
    changed: Changed.parse(row.changed),
    source: row.source,
    department: row.department,
    document: row.document,
    dataDate: row.data_date,
    by: row.actor,
    at: row.at,
  }));
}

/** The changes of a person, oldest first. Of name, number and phone only that they changed: the values stay sealed. */
export async function personChanges(tx: Tx<DB>, keys: Keys, personId: string): Promise<RecordedChange[]> {
  const rows = await tx
    .selectFrom("monitoring.person_change")
    .selectAll()
    .where("person_id", "=", personId)
    .orderBy("version")
    .execute();
  return rows.map((row) => {
    const sealed = row.secret ? Object.keys(openRecord(keys, placeOfChange(row.id), row.secret, Sealed).changed) : [];
    return {
      version: row.version,
      changed: { ...Changed.parse(row.changed), ...Object.fromEntries(sealed.map((field) => [field, { from: null, to: "" }])) },
      source: row.source,
      department: row.department,
      document: row.document,
      dataDate: null,
      by: row.actor,
      at: row.at,
    };
  });
}
