import { type FieldError, type Refusal, refuse } from "@shouwang/contract";
import {
  dayErrors,
  type RelationGiven,
  type RosterMember,
  refuseErrors,
  relate,
  rosterErrors,
} from "../household/roster-decide.ts";

export const joinReasons = ["birth", "marriage", "adoption", "return", "transfer", "omitted", "other"] as const;
export const leaveReasons = ["marriage", "transfer", "study", "army", "prison", "lost-contact", "other"] as const;

/** A person the registry knows, and where they stand. */
export type KnownPerson = { status: "member" | "left" | "died"; householdId: string | null; since: string };

/** Whether a person known to the asking office may join a household of it on a day. The dead join nowhere. */
export function mayJoin(
  known: KnownPerson,
  given: { householdId: string; on: string; today: string },
): Refusal<"person-member-already" | "person-deceased" | "invalid-input"> | undefined {
  if (known.status === "died") return refuse("person-deceased");
  if (known.status === "member" && known.householdId === given.householdId) return refuse("person-member-already");
  return refuseErrors(dayErrors(given.on, { today: given.today, since: [known.since] }));
}

/** The members with one more, who must fit: one head, one spouse, relations that agree with the sex. */
export function joining<M extends RosterMember>(
  members: readonly M[],
  joined: M,
  pointer: string,
): M[] | Refusal<"invalid-input"> {
  const after = [...members, joined];
  // What was wrong before is a suspect of its own; only what the new member brings is refused here.
  const before = new Set(rosterErrors(members, "", () => "").map((error) => error.rule));
  const errors = rosterErrors(after, pointer, () => pointer).filter((error) => !before.has(error.rule));
  return refuseErrors(errors.slice(0, 1)) ?? after;
}

/**
 * The members without one who leaves or died. The last one does not leave: the household is closed or merged instead. Where the head goes, those who stay
 * state who is head and what everybody is to them.
 */
export function leaving<M extends RosterMember>(
  members: readonly M[],
  person: M,
  given: { on: string; today: string; relations: readonly RelationGiven[] },
): M[] | Refusal<"last-member" | "invalid-input"> {
  const day = refuseErrors(dayErrors(given.on, { today: given.today, since: [person.since] }));
  if (day) return day;
  const rest = members.filter((member) => member.id !== person.id);
  if (rest.length === 0) return refuse("last-member");
  const related = relate(rest, given.relations, "/relations", person.relation === "head");
  if ("errors" in related) return refuse("invalid-input", { errors: related.errors });
  return (
    refuseErrors(rosterErrors(related.members, "/relations", relationAt(related.members, given.relations))) ?? related.members
  );
}

/** The members under another head, everybody's relation stated anew. */
export function underHead<M extends RosterMember>(
  members: readonly M[],
  relations: readonly RelationGiven[],
): M[] | Refusal<"invalid-input"> {
  const related = relate(members, relations, "/relations", true);
  if ("errors" in related) return refuse("invalid-input", { errors: related.errors });
  return refuseErrors(rosterErrors(related.members, "/relations", relationAt(related.members, relations))) ?? related.members;
}

/** The pointer of a member's relation in the list that was sent; the list itself where it was not stated anew. */
const relationAt =
  (members: readonly RosterMember[], given: readonly RelationGiven[]) =>
  (index: number): FieldError["pointer"] => {
    const place = given.findIndex(({ personId }) => personId === members[index]?.id);
    return place < 0 ? "/relations" : `/relations/${place}/relation`;
  };
