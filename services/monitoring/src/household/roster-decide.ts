import { type FieldError, type Refusal, refuse } from "@shouwang/contract";
import { type Relation, sexOfRelation } from "./code-lists.ts";

/** What the rules about a household's composition look at in a member. */
export type RosterMember = {
  id: string;
  relation: string;
  sex: "male" | "female";
  ableWorker: boolean;
  since: string;
};

/** A member with the relation to the head that somebody states for them. */
export type RelationGiven = { personId: string; relation: Relation };

/** Headcount and able workers follow from the members; nobody enters them. */
export const countsOf = (members: readonly Pick<RosterMember, "ableWorker">[]): { headcount: number; ableWorkers: number } => ({
  headcount: members.length,
  ableWorkers: members.filter((member) => member.ableWorker).length,
});

const wrong = (pointer: string, rule: string, zh: string, en: string): FieldError => ({ pointer, rule, zh, en, clause: "M-01" });

/**
 * Q03: exactly one head, at most one spouse of the other sex, relations that agree with the sex the number says.
 * @param whole pointer of the list; @param at pointer of one member's relation by their place in the list
 */
export function rosterErrors(
  members: readonly { relation: string; sex: "male" | "female" }[],
  whole: string,
  at: (index: number) => string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, member] of members.entries()) {
    // Safe: relations come from the code list, on entry and from rows.
    const implied = sexOfRelation(member.relation as Relation);
    if (implied !== undefined && implied !== member.sex)
      errors.push(
        wrong(
          at(index),
          "relation-agrees-with-sex",
          "与户主关系同证件号码的性别不符",
          "The relation does not agree with the sex in the identity number",
        ),
      );
  }
  const places = (relation: Relation) => members.flatMap((member, index) => (member.relation === relation ? [index] : []));
  const [heads, spouses] = [places("head"), places("spouse")];
  if (heads.length === 0) errors.push(wrong(whole, "one-head", "一户须有且只有一名户主", "A household has exactly one head"));
  for (const extra of heads.slice(1))
    errors.push(wrong(at(extra), "one-head", "一户只能有一名户主", "There is a second head of household"));
  for (const extra of spouses.slice(1))
    errors.push(wrong(at(extra), "one-spouse", "一户只能有一名户主配偶", "There is a second spouse"));
  const head = members[heads[0] ?? -1];
  const spouse = members[spouses[0] ?? -1];
  if (head && spouse && head.sex === spouse.sex)
    errors.push(
      wrong(
        at(spouses[0] ?? 0),
        "spouses-differ-in-sex",
        "户主与配偶性别相同,请核对",
        "Head and spouse have the same sex; please check",
      ),
    );
  return errors;
}

/**
 * The members with the relations stated anew. `all` demands one for each of them: a household under another head has other relations throughout.
 * Answers every wrong field: somebody who is no member, named twice, or left out.
 */
export function relate<M extends RosterMember>(
  members: readonly M[],
  given: readonly RelationGiven[],
  pointer: string,
  all: boolean,
): { members: M[] } | { errors: FieldError[] } {
  const errors: FieldError[] = [];
  const stated = new Map<string, Relation>();
  for (const [index, { personId, relation }] of given.entries()) {
    const at = `${pointer}/${index}/personId`;
    if (!members.some((member) => member.id === personId))
      errors.push(wrong(at, "member-of-household", "此人不是该户成员", "Not a member of the household"));
    else if (stated.has(personId)) errors.push(wrong(at, "person-twice", "同一人填写了两次", "The same person is named twice"));
    stated.set(personId, relation);
  }
  if (all && members.some((member) => !stated.has(member.id)))
    errors.push(wrong(pointer, "relation-of-each", "须逐人填写与户主关系", "State the relation of every member"));
  if (errors.length > 0) return { errors };
  return { members: members.map((member) => ({ ...member, relation: stated.get(member.id) ?? member.relation })) };
}

/** A day a change of members may be of: not after today, and not before those concerned belonged to the household. */
export function dayErrors(on: string, given: { today: string; since: readonly string[] }): FieldError[] {
  if (on > given.today) return [wrong("/on", "not-in-future", "日期不能晚于今天", "Not in the future")];
  const latest = [...given.since].sort().at(-1) ?? "";
  if (on < latest)
    return [wrong("/on", "not-before-membership", `日期不能早于入户日期${latest}`, `Not before the membership began, ${latest}`)];
  return [];
}

/** Refuses what breaks the composition of the household, naming every field. */
export const refuseErrors = (errors: FieldError[]): Refusal<"invalid-input"> | undefined =>
  errors.length > 0 ? refuse("invalid-input", { errors }) : undefined;

/** Where an open move stands in the way of a change: who can do what about it. */
export function checkStaying(moving: { status: string } | undefined): Refusal<"household-moving"> | undefined {
  if (!moving) return undefined;
  return refuse("household-moving", {
    detail:
      moving.status === "offered"
        ? { zh: "迁移待迁入地受理,可先撤回", en: "The move was offered and waits for an answer; it can be withdrawn" }
        : {
            zh: "迁移已受理,正在办理,完成后由迁入地办理",
            en: "The move was accepted and is being carried out; go on from the new place",
          },
  });
}

/** The household can be changed: neither merged nor closed, and no move of it open. `moving` is the open move, if there is one. */
export function checkChangeable(
  household: { status: string },
  moving: { status: string } | undefined,
): Refusal<"household-not-active" | "household-moving"> | undefined {
  const stuck = checkStaying(moving);
  if (stuck) return stuck;
  return household.status === "active"
    ? undefined
    : refuse("household-not-active", {
        detail: {
          zh: household.status === "merged" ? "该户已并入他户,请到并入后的户办理" : "该户已注销",
          en: household.status === "merged" ? "It was merged into another one: go on there" : "The household was closed",
        },
      });
}
