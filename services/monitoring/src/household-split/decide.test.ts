import { Refusal } from "@shouwang/contract";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countsOf, type RosterMember } from "../household/roster-decide.ts";
import { joinGuarantees, type Mergeable, mayMerge, mayUndo, merge, split } from "./decide.ts";

const member = (id: string, relation: string, sex: "male" | "female", ableWorker = true): RosterMember => ({
  id,
  relation,
  sex,
  ableWorker,
  since: "2021-01-01",
});
const family = [
  member("head", "head", "male"),
  member("wife", "spouse", "female"),
  member("son", "son", "male"),
  member("bride", "daughter-in-law", "female"),
  member("granny", "mother", "female", false),
];
const day = { on: "2022-08-01", today: "2022-08-15" };
const rulesOf = (answer: unknown) => (answer instanceof Refusal ? answer.errors.map((e) => `${e.pointer} ${e.rule}`) : answer);

describe("M-01: splitting a household", () => {
  test("the son and his wife become a household of their own; nothing changes for those who stay", () => {
    const parts = split(family, {
      go: [
        { personId: "son", relation: "head" },
        { personId: "bride", relation: "spouse" },
      ],
      stay: [],
      ...day,
    });
    expect(parts).toMatchObject({
      go: [{ relation: "head" }, { relation: "spouse" }],
      stay: [{ relation: "head" }, { relation: "spouse" }, { relation: "mother" }],
    });
  });

  test.each([
    ["everybody", family.map(({ id }) => ({ personId: id, relation: "other" as const })), [], "/members some-stay"],
    ["nobody of the household", [{ personId: "stranger", relation: "head" }], [], "/members/0/personId member-of-household"],
    ["without a head", [{ personId: "son", relation: "son" }], [], "/members one-head"],
    ["the head, those left not related anew", [{ personId: "head", relation: "head" }], [], "/remaining relation-of-each"],
    [
      "the head, and two who follow him as heads",
      [{ personId: "head", relation: "head" }],
      [
        { personId: "wife", relation: "head" },
        { personId: "son", relation: "head" },
        { personId: "bride", relation: "daughter-in-law" },
        { personId: "granny", relation: "husbands-mother" },
      ],
      "/remaining/1/relation one-head",
    ],
    [
      "a woman as a son",
      [
        { personId: "son", relation: "head" },
        { personId: "bride", relation: "son" },
      ],
      [],
      "/members/1/relation relation-agrees-with-sex",
    ],
  ] as const)("refused: %s", (_, go, stay, rule) => {
    expect(rulesOf(split(family, { go, stay, ...day }))).toEqual([rule]);
  });

  test.each([
    ["tomorrow", "2022-08-16", "/on not-in-future"],
    ["before they belonged to it", "2020-12-31", "/on not-before-membership"],
  ])("refused on a day %s", (_, on, rule) => {
    expect(rulesOf(split(family, { go: [{ personId: "son", relation: "head" }], stay: [], on, today: day.today }))).toEqual([
      rule,
    ]);
  });

  test("law: whoever goes, everybody is in exactly one of the two, and the counts add up", () => {
    fc.assert(
      fc.property(fc.subarray(["wife", "son", "bride", "granny"], { minLength: 1 }), (chosen) => {
        const go = chosen.map((personId, index) => ({
          personId,
          relation: index === 0 ? ("head" as const) : ("other" as const),
        }));
        const parts = split(family, { go, stay: [], ...day });
        if (parts instanceof Refusal) throw new Error(JSON.stringify(parts.errors));
        expect([...parts.go, ...parts.stay].map(({ id }) => id).sort()).toEqual(family.map(({ id }) => id).sort());
        const [a, b, whole] = [countsOf(parts.go), countsOf(parts.stay), countsOf(family)];
        expect(a.headcount + b.headcount).toBe(whole.headcount);
        expect(a.ableWorkers + b.ableWorkers).toBe(whole.ableWorkers);
        // Merging them back with what each was before restores the household.
        const back = merge(parts.stay, parts.go, {
          relations: parts.go.map(({ id }) => ({
            personId: id,
            relation: family.find((one) => one.id === id)?.relation as "son", // Safe: the family above is written with relations of the list.
          })),
          ...day,
        });
        if (back instanceof Refusal) throw new Error(JSON.stringify(back.errors));
        expect([...back.all].sort((x, y) => x.id.localeCompare(y.id))).toEqual(
          [...family].sort((x, y) => x.id.localeCompare(y.id)),
        );
      }),
    );
  });
});

describe("M-01: merging two households", () => {
  const kept: Mergeable = {
    id: "a",
    region: "451228100003",
    householdKind: "lifted-household",
    openLeads: [],
    openCase: null,
    openAppeals: [],
  };
  test.each([
    ["of one village and kind", { ...kept, id: "b" }, undefined, undefined],
    ["the household with itself", kept, undefined, "invalid-input"],
    ["of two villages", { ...kept, id: "b", region: "451228100004" }, undefined, "invalid-input"],
    ["an open case of the one that ceases", { ...kept, id: "b", openCase: "c" }, undefined, "household-has-open-case"],
    ["an open lead of the one that ceases", { ...kept, id: "b", openLeads: ["l"] }, undefined, "household-has-open-lead"],
    ["an open appeal of the one that ceases", { ...kept, id: "b", openAppeals: ["p"] }, undefined, "household-has-open-appeal"],
    ["of two kinds, the kind not stated", { ...kept, id: "b", householdKind: "ordinary-household" }, undefined, "invalid-input"],
    ["of two kinds, the kind stated", { ...kept, id: "b", householdKind: "ordinary-household" }, "lifted-household", undefined],
  ])("%s", (_, ceasing, householdKind, code) => {
    expect(mayMerge(kept, ceasing, { householdKind })?.code).toBe(code);
  });
  test("an open case and leads of the one that remains stay with it", () => {
    expect(
      mayMerge({ ...kept, openCase: "c", openLeads: ["l"] }, { ...kept, id: "b" }, { householdKind: undefined }),
    ).toBeUndefined();
  });

  test.each([
    [true, true, true],
    [true, null, null],
    [null, false, false],
    [true, false, false],
  ])("guarantee %s and %s → %s, whichever comes first", (a, b, joined) => {
    const all = (value: boolean | null) => ({ schooling: value, medicalCare: value, housing: value, drinkingWater: value });
    expect(joinGuarantees(all(a), all(b))).toEqual(all(joined));
    expect(joinGuarantees(all(b), all(a))).toEqual(all(joined));
  });
});

describe("M-01: undoing a merge", () => {
  const merged = { mergedAt: new Date("2022-08-01T10:00:00+08:00"), undone: false };
  const nothing = { peopleChanged: [], leads: [], cases: [], incomes: [], statusOfKept: "active" };
  const on = (today: string) => ({ days: 30, document: "design", today: parseBusinessDate(today) });
  test.each([
    ["on the last day", merged, nothing, "2022-08-31", undefined],
    ["the day after it", merged, nothing, "2022-09-01", "merge-undo-too-late"],
    ["a second time", { ...merged, undone: true }, nothing, "2022-08-02", "merge-undone-already"],
    ["after a lead was found", merged, { ...nothing, leads: ["l"] }, "2022-08-02", "merge-undo-blocked"],
    ["after an income was recorded", merged, { ...nothing, incomes: ["i"] }, "2022-08-02", "merge-undo-blocked"],
    ["after somebody of it died", merged, { ...nothing, peopleChanged: ["p"] }, "2022-08-02", "merge-undo-blocked"],
    ["after the household was closed", merged, { ...nothing, statusOfKept: "closed" }, "2022-08-02", "merge-undo-blocked"],
  ])("%s", (_, of, since, today, code) => {
    const refused = mayUndo(of, since, on(today));
    expect(refused?.code).toBe(code);
    if (code === "merge-undo-blocked") expect(refused?.reasons[0]?.facts?.[0]?.value).toBeTruthy();
  });
});
