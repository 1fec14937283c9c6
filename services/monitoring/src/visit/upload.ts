import { DateText, HouseholdId, type Refusal, VisitId } from "@shouwang/contract";
import { parameterFor, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import type { Visit } from "./decide.ts";
import type { CaseWithHelpers } from "./store.ts";
import { Mode, Need, Purpose, type VisitContext } from "./views.ts";

/** A visit as a phone sends it. With nothing but the household and the day it is the one tap "no change" of the round. */
export const SentVisit = z.object({
  visitId: VisitId,
  householdId: HouseholdId,
  purposes: z
    .array(Purpose)
    .min(1)
    .max(5)
    .default(["monthly-round"])
    .describe("Duties it serves; it counts for each whose settings it meets"),
  mode: Mode.default("home"),
  visitedOn: DateText,
  householdAway: z.boolean().default(false).describe("The whole household was away"),
  changed: z.boolean().default(false).describe("Something in the household has changed"),
  needs: z.array(Need).max(10).default([]),
  note: z.string().trim().min(2).max(500).optional().describe("Sealed: may name people"),
});
export type SentVisit = z.output<typeof SentVisit>;

type UploadCode = "household-not-found" | "visit-in-future" | "visit-month-locked" | "already-exists";
export type Uploaded =
  | { outcome: "accepted" | "duplicate"; visit: Visit; context: VisitContext }
  | { outcome: "refused"; refusal: Refusal<UploadCode> };

export type Settings = { lockDay: number; phoneCountsWhenAbsent: boolean };

/** The settings in force for a household's place, asked for once a place. */
export function settingsByRegion(tx: Tx<DB>, today: string): (region: string) => Promise<Settings> {
  const known = new Map<string, Promise<Settings>>();
  const read = async (region: string): Promise<Settings> => ({
    lockDay: (await parameterFor(tx, "month.lockDay", region, today)).value,
    phoneCountsWhenAbsent: (await parameterFor(tx, "round.phoneCountsWhenAbsent", region, today)).value,
  });
  return (region) => {
    const found = known.get(region) ?? read(region);
    known.set(region, found);
    return found;
  };
}

/** The case a day of a household falls in; where two meet on a day, the newer one. */
export const caseOn = (cases: readonly CaseWithHelpers[], householdId: string, day: string): CaseWithHelpers | undefined =>
  cases.findLast(
    (one) => one.householdId === householdId && one.includedOn <= day && (one.clearedOn === null || day <= one.clearedOn),
  );
