import type { Role } from "@shouwang/contract";
import type { BusinessDate } from "./calendar.ts";
import type { Tx } from "./database.ts";
import type { Principal } from "./principal.ts";

/** One thing that waits for somebody of a place. */
type DueItem = { id: string; householdId: string | null; region: string; startedAt: Date; dueAt: Date };

/**
 * Something that waits for an answer and has its own table with its own last day: it appears in `/todo` as it stands there, and needs no clock beside it. For what
 * one place asks of another, whose clock the first could not write.
 */
export type Due<Db> = {
  /** Kind in the department's words, `answer-household-move`. */
  kind: string;
  clause: string;
  entity: string;
  role: Role;
  /** What is open for the caller's place, the most urgent first. */
  open(given: { tx: Tx<Db>; actor: Principal; today: BusinessDate; limit: number }): Promise<readonly DueItem[]>;
};

/** What waits for somebody with these roles, as items of a to-do list. */
export async function duesOf<Db>(
  dues: readonly Due<Db>[],
  given: { tx: Tx<Db>; actor: Principal; today: BusinessDate; limit: number },
) {
  const items = [];
  for (const { kind, clause, entity, role, open } of dues) {
    if (!given.actor.roles.includes(role)) continue;
    for (const { id, ...item } of await open(given))
      items.push({
        id,
        entityId: id,
        kind,
        clause,
        entity,
        role,
        ...item,
        remindAt: undefined,
        escalated: false,
        period: null,
        open: 1,
      });
  }
  return items;
}
