import { DateText, Department, refuse } from "@shouwang/contract";
import { actorOf, checkVersion, type Principal, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { Relation } from "./code-lists.ts";
import { checkChangeable } from "./roster-decide.ts";
import { type ChangeOf, moveInTheWay } from "./roster-store.ts";
import type { ChangeSource, Household } from "./store.ts";

/** What every change of the registry says of where it comes from. */
export const SourceEntry = {
  source: z.string().trim().min(2).max(60).describe("Where the new values come from; no personal data"),
  department: Department.or(z.string().regex(/^[a-z][a-z-]{1,39}$/))
    .optional()
    .describe("Department that gave them"),
  dataDate: DateText.optional().describe("Day the department's data are of"),
  document: z.string().trim().max(120).optional(),
};
export const RelationsEntry = z.array(z.strictObject({ personId: z.uuidv7(), relation: Relation })).max(30);

type Entered = {
  source: string;
  document?: string | undefined;
  department?: string | undefined;
  dataDate?: string | undefined;
};

/** The source of a change, with who made it and when. */
export const sourceOf = (body: Entered, given: { actor: Principal; now: Date }): ChangeSource => ({
  at: given.now,
  actor: actorOf(given.actor),
  source: body.source,
  document: body.document,
  department: body.department,
  dataDate: body.dataDate,
});

/** The household, already locked, may be changed so by somebody who saw this version of it. */
export async function mayChange(
  tx: Tx<DB>,
  household: Household | undefined,
  expectedVersion: number | undefined,
  change: ChangeOf,
) {
  if (!household) return refuse("household-not-found");
  const moving = await moveInTheWay(tx, household.id, change);
  return checkVersion(household.version, expectedVersion) ?? checkChangeable(household, moving);
}
