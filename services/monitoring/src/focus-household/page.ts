import { cutPage } from "@shouwang/service-kit";
import { z } from "zod";
import type { Place } from "./condition-store.ts";

const After = z.string().regex(/^\d{12}\/[0-9a-f-]{36}$/);

/** Where a list in order of village and household goes on; undefined for the first page, and for a cursor that is not ours (which then starts over). */
export function afterPlaceCursor(cursor: string | undefined): Place | undefined {
  const text = After.safeParse(cursor === undefined ? "" : Buffer.from(cursor, "base64url").toString("utf8")).data;
  const [region, householdId] = text?.split("/") ?? [];
  return region === undefined || householdId === undefined ? undefined : { region, householdId };
}

/** A page out of `limit + 1` rows read in order of village and household. */
export const cutPlaces = <T extends Place>(rows: readonly T[], limit: number): { items: T[]; next: string | null } =>
  cutPage(rows, limit, (row) => `${row.region}/${row.householdId}`);
