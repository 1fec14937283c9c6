import { type Refusal, refuse } from "@shouwang/contract";
import type { Purpose, Visit } from "./decide.ts";

export type Change =
  | { withdraw: true }
  | {
      withdraw?: false | undefined;
      visitedOn?: string | undefined;
      mode?: Visit["mode"] | undefined;
      purposes?: readonly Purpose[] | undefined;
      householdAway?: boolean | undefined;
    };

/**
 * A visit as a township corrects it (M-02): its facts, or that it did not take place. It stays in its month, whose figures it belongs to; what is taken back
 * is not changed any more.
 */
export function amendVisit(
  visit: Visit,
  change: Change,
  given: { today: string },
): Visit | Refusal<"visit-unchanged" | "state-conflict" | "invalid-input"> {
  if (visit.withdrawn) {
    return refuse("state-conflict", {
      detail: { zh: "该次走访已作废,不能再更正", en: "The visit was taken back; it cannot be amended" },
    });
  }
  const version = visit.version + 1;
  if (change.withdraw) return { ...visit, withdrawn: true, version };
  const after: Visit = {
    ...visit,
    visitedOn: change.visitedOn ?? visit.visitedOn,
    mode: change.mode ?? visit.mode,
    purposes: change.purposes ? [...new Set(change.purposes)] : visit.purposes,
    householdAway: change.householdAway ?? visit.householdAway,
  };
  if (after.visitedOn.slice(0, 7) !== visit.visitedOn.slice(0, 7))
    return wrongDay("same-month", "更正后的日期须在同一月份", "An amended visit stays in its month");
  if (after.visitedOn > given.today) return wrongDay("not-in-future", "走访日期不能晚于今天", "A visit cannot be in the future");
  if (JSON.stringify(factsOf(after)) === JSON.stringify(factsOf(visit))) return refuse("visit-unchanged");
  return { ...after, version };
}

const wrongDay = (rule: string, zh: string, en: string) =>
  refuse("invalid-input", { errors: [{ pointer: "/visitedOn", rule, zh, en, clause: "M-02" }] });

/** What an amendment can change, and what is kept of the visit as it was. */
export const factsOf = ({ visitedOn, mode, purposes, householdAway, withdrawn }: Visit) => ({
  visitedOn,
  mode,
  purposes: [...purposes].sort(),
  householdAway,
  withdrawn,
});
