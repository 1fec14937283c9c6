import { type FieldError, type Reason, type Refusal, refuse } from "@shouwang/contract";
import { addDays, type BusinessDate, businessDate } from "@shouwang/service-kit/calendar";
import {
  dayErrors,
  type RelationGiven,
  type RosterMember,
  refuseErrors,
  relate,
  rosterErrors,
} from "../household/roster-decide.ts";

const relationAt =
  (members: readonly RosterMember[], given: readonly RelationGiven[], pointer: string) =>
  (index: number): string => {
    const place = given.findIndex(({ personId }) => personId === members[index]?.id);
    return place < 0 ? pointer : `${pointer}/${place}/relation`;
  };

/**
 * Some members of a household become one of their own in the same village: those named in `go`, with what each is to the new head; those who stay say anew what
 * they are only where it changes, and all of them where the head goes. Both households have one head and at least one member.
 */
export function split<M extends RosterMember>(
  members: readonly M[],
  given: { go: readonly RelationGiven[]; stay: readonly RelationGiven[]; on: string; today: string },
): { go: M[]; stay: M[] } | Refusal<"invalid-input"> {
  const chosen = new Set(given.go.map(({ personId }) => personId));
  const going = members.filter((member) => chosen.has(member.id));
  const staying = members.filter((member) => !chosen.has(member.id));
  const everybody: FieldError[] =
    staying.length === 0
      ? [
          {
            pointer: "/members",
            rule: "some-stay",
            zh: "不能把全部成员分出,请办理迁移或户主变更",
            en: "Not everybody can go: move the household or change its head instead",
            clause: "M-01",
          },
        ]
      : [];
  const go = relate(members, given.go, "/members", false);
  const stay = relate(
    staying,
    given.stay,
    "/remaining",
    going.some((member) => member.relation === "head"),
  );
  const errors = [
    ...everybody,
    ...("errors" in go ? go.errors : []),
    ...(staying.length > 0 && "errors" in stay ? stay.errors : []),
    ...dayErrors(given.on, { today: given.today, since: going.map((member) => member.since) }),
  ];
  if (errors.length > 0 || "errors" in go || "errors" in stay) return refuse("invalid-input", { errors });
  const gone = go.members.filter((member) => chosen.has(member.id));
  const wrong = [
    ...rosterErrors(gone, "/members", relationAt(gone, given.go, "/members")),
    ...rosterErrors(stay.members, "/remaining", relationAt(stay.members, given.stay, "/remaining")),
  ];
  return refuseErrors(wrong) ?? { go: gone, stay: stay.members };
}

type Guarantee = boolean | null;
export type Guarantees = { schooling: Guarantee; medicalCare: Guarantee; housing: Guarantee; drinkingWater: Guarantee };

/** A problem of either household stays a problem, and what was not looked at in either is not looked at. */
export function joinGuarantees(a: Guarantees, b: Guarantees): Guarantees {
  const one = (x: Guarantee, y: Guarantee): Guarantee =>
    x === false || y === false ? false : x === null || y === null ? null : true;
  return {
    schooling: one(a.schooling, b.schooling),
    medicalCare: one(a.medicalCare, b.medicalCare),
    housing: one(a.housing, b.housing),
    drinkingWater: one(a.drinkingWater, b.drinkingWater),
  };
}

export type Mergeable = {
  id: string;
  region: string;
  householdKind: string;
  openLeads: readonly string[];
  openCase: string | null;
  openAppeals: readonly string[];
};

/**
 * Whether one household may become part of another: of the same village and kind (or the kind stated), and without open business of its own. A lead, a case
 * or an appeal of the household that ceases would lose its household; it is ended first, or the merge goes the other way round.
 */
export function mayMerge(
  kept: Mergeable,
  ceasing: Mergeable,
  given: { householdKind: string | undefined },
): Refusal<"invalid-input" | "household-has-open-case" | "household-has-open-lead" | "household-has-open-appeal"> | undefined {
  const wrong = (pointer: string, rule: string, zh: string, en: string) =>
    refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "M-01" }] });
  if (kept.id === ceasing.id)
    return wrong("/mergedId", "two-households", "并户须是两户", "A household is not merged with itself");
  if (kept.region !== ceasing.region)
    return wrong("/mergedId", "one-village", "并户限同一行政村", "Only households of one village are merged");
  if (ceasing.openCase !== null)
    return refuse("household-has-open-case", {
      detail: {
        zh: `被并入户有办理中的认定(${ceasing.openCase}),请先办结或反向并户`,
        en: `The household that ceases has an open case (${ceasing.openCase}): end it, or merge the other way round`,
      },
    });
  if (ceasing.openLeads.length > 0)
    return refuse("household-has-open-lead", {
      detail: {
        zh: `被并入户有未结线索(${ceasing.openLeads.join("、")}),请先核实办结或反向并户`,
        en: `The household that ceases has open leads (${ceasing.openLeads.join(", ")}): end them, or merge the other way round`,
      },
    });
  if (ceasing.openAppeals.length > 0)
    return refuse("household-has-open-appeal", {
      detail: {
        zh: `被并入户有未裁定的申诉(${ceasing.openAppeals.join("、")}),请先裁定、撤回或反向并户`,
        en: `The household that ceases has an open appeal (${ceasing.openAppeals.join(", ")}): decide it, withdraw it, or merge the other way round`,
      },
    });
  if (kept.householdKind !== ceasing.householdKind && given.householdKind === undefined)
    return wrong(
      "/householdKind",
      "kind-stated",
      "两户户类型不同,须注明合并后的户类型",
      "The two are of different kinds: state the kind of the household that remains",
    );
  return undefined;
}

/** The members of both, those who come with what each is to the head of the household that remains. */
export function merge<M extends RosterMember>(
  staying: readonly M[],
  coming: readonly M[],
  given: { relations: readonly RelationGiven[]; on: string; today: string },
): { coming: M[]; all: M[] } | Refusal<"invalid-input"> {
  const related = relate(coming, given.relations, "/members", true);
  const errors = [
    ...("errors" in related ? related.errors : []),
    ...dayErrors(given.on, { today: given.today, since: coming.map((member) => member.since) }),
  ];
  if (errors.length > 0 || "errors" in related) return refuse("invalid-input", { errors });
  const all = [...staying, ...related.members];
  const at = relationAt(all, given.relations, "/members");
  return refuseErrors(rosterErrors(all, "/members", at)) ?? { coming: related.members, all };
}

/** What has happened since a merge that rests on the merged household, each named. */
export type SinceMerge = {
  /** Carried people who are no longer members, or no longer in the relation they came with. */
  peopleChanged: readonly string[];
  leads: readonly string[];
  cases: readonly string[];
  incomes: readonly string[];
  statusOfKept: string;
};

/** Whether a merge can be undone: within the days the settings allow, counted from the day after it, and while nothing rests on it. */
export function mayUndo(
  merge: { mergedAt: Date; undone: boolean },
  since: SinceMerge,
  given: { days: number; document: string; today: BusinessDate },
): Refusal<"merge-undone-already" | "merge-undo-too-late" | "merge-undo-blocked"> | undefined {
  if (merge.undone) return refuse("merge-undone-already");
  const lastDay = addDays(businessDate(merge.mergedAt), given.days);
  if (given.today > lastDay)
    return refuse("merge-undo-too-late", {
      reasons: [
        {
          code: "merge-undo-too-late",
          clause: "M-01",
          parameter: "registry.mergeUndoDays",
          document: given.document,
          zh: `并户后${given.days}日内(至${lastDay})可撤销`,
          en: `A merge can be undone for ${given.days} days, to ${lastDay}`,
        },
      ],
    });
  const blocked = (code: string, zh: string, en: string, ids: readonly string[]): Reason[] =>
    ids.map((id) => ({ code, clause: "M-01", zh, en, facts: [{ name: { zh: "编号", en: "Id" }, value: id }] }));
  const reasons = [
    ...blocked("person-changed", "并入人员此后有变动", "A person who came with the merge has changed since", since.peopleChanged),
    ...blocked("lead-since", "并户后该户有新风险线索", "A risk lead of the household was found since", since.leads),
    ...blocked("case-since", "并户后该户启动了认定", "A case of the household was opened since", since.cases),
    ...blocked(
      "income-since",
      "并户后按合并人口登记了收入",
      "An income was recorded for the merged members since",
      since.incomes,
    ),
    ...(since.statusOfKept === "active"
      ? []
      : blocked("household-ended", "并户后该户已注销或再次并户", "The household was closed or merged since", [
          since.statusOfKept,
        ])),
  ];
  return reasons.length > 0 ? refuse("merge-undo-blocked", { reasons }) : undefined;
}
