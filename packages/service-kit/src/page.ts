import { z } from "zod";

/** Query parameters of a list: how many, and where the last page ended. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe("At most this many"),
  cursor: z.string().max(200).optional().describe("`next` of the page before"),
});

/** The reply of a list: its items and, when there are more, the cursor of the next page. */
export const pageOf = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item), next: z.string().nullable() });

/** What a cursor says: the sort key of the last item. Undefined for the first page, and for a cursor that is not ours (which then starts over). */
export function afterCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  return z.uuid().safeParse(text).success ? text : undefined;
}

/** A page out of `limit + 1` rows read in order of their id: the last one only tells that there is more. */
export function cutPage<T>(rows: readonly T[], limit: number, idOf: (row: T) => string): { items: T[]; next: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? Buffer.from(idOf(last)).toString("base64url") : null };
}
