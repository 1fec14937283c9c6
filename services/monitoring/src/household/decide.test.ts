import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { makeIdentityNumber } from "@shouwang/service-kit/identity";
import { describe, expect, test } from "vitest";
import { ageOn, checkMembers, checkVillage, isAbleWorker, type MemberEntry, netIncome } from "./decide.ts";

const today = parseBusinessDate("2022-08-15");
const number = (birth: string, serial: number) => makeIdentityNumber("451228", parseBusinessDate(birth), serial);
const head: MemberEntry = {
  name: "韦大明",
  identityNumber: number("1975-03-05", 1),
  relation: "head",
  health: ["healthy"],
  labourSkill: "ordinary",
};
const spouse: MemberEntry = { ...head, name: "覃小花", identityNumber: number("1978-06-01", 2), relation: "spouse" };
const son: MemberEntry = {
  ...head,
  name: "韦小明",
  identityNumber: number("2005-01-20", 3),
  relation: "son",
  schooling: "senior",
};

describe("M-01: the members of a household as entered", () => {
  test("a couple and their son, each with what the number says", () => {
    const checked = checkMembers([head, spouse, son], today);
    expect(
      "members" in checked &&
        checked.members.map(({ identity, ableWorker, student }) => [identity.sex, identity.birthDate, ableWorker, student]),
    ).toEqual([
      ["male", "1975-03-05", true, false],
      ["female", "1978-06-01", true, false],
      ["male", "2005-01-20", false, true],
    ]);
  });

  test.each([
    [
      "a wrong check digit",
      [{ ...head, identityNumber: "451228197503050017" }],
      "/members/0/identityNumber",
      "identity-check-digit",
    ],
    [
      "a number Excel destroyed",
      [{ ...head, identityNumber: "4.51228E+17" }],
      "/members/0/identityNumber",
      "identity-scientific-notation",
    ],
    [
      "a birth date after today",
      [{ ...head, identityNumber: number("2022-08-16", 1) }],
      "/members/0/identityNumber",
      "identity-birth-date",
    ],
    ["no head", [spouse], "/members", "one-head"],
    ["a second head", [head, { ...son, relation: "head" }], "/members/1/relation", "one-head"],
    [
      "a second spouse",
      [head, spouse, { ...spouse, identityNumber: number("1980-01-01", 4) }],
      "/members/2/relation",
      "one-spouse",
    ],
    [
      "spouses of one sex",
      [head, { ...spouse, identityNumber: number("1978-06-01", 5) }],
      "/members/1/relation",
      "spouses-differ-in-sex",
    ],
    [
      "a daughter with a son's number",
      [head, { ...son, relation: "daughter" }],
      "/members/1/relation",
      "relation-agrees-with-sex",
    ],
    ["the same person twice", [head, { ...head, relation: "sibling" }], "/members/1/identityNumber", "person-twice"],
    ["a phone of ten digits", [{ ...head, phone: "1380013800" }], "/members/0/phone", "mobile-form"],
  ] as [string, MemberEntry[], string, string][])("%s", (_, members, pointer, rule) => {
    const checked = checkMembers(members, today);
    expect("errors" in checked && checked.errors.map((error) => [error.pointer, error.rule])).toEqual([
      [pointer, expect.stringMatching(rule === "mobile-form" ? /^mobile/ : new RegExp(`^${rule}$`))],
    ]);
    expect(JSON.stringify(checked)).not.toContain(head.identityNumber.slice(6, 17));
  });

  test("born today is good, and every wrong field is named at once", () => {
    expect(
      "members" in
        checkMembers(
          [head, { ...son, schooling: "preschool", labourSkill: "none", identityNumber: number("2022-08-15", 7) }],
          today,
        ),
    ).toBe(true);
    const wrong = { ...head, identityNumber: "451228197503050017" };
    expect(checkMembers([wrong, { ...wrong, relation: "spouse" }], today)).toMatchObject({
      errors: [{ pointer: "/members/0/identityNumber" }, { pointer: "/members/1/identityNumber" }],
    });
  });
});

describe("who counts as an able worker", () => {
  test.each([
    [15, "ordinary", false, false],
    [16, "ordinary", false, true],
    [59, "weak", false, true],
    [60, "ordinary", false, false],
    [30, "lost", false, false],
    [30, "none", false, false],
    [17, "ordinary", true, false],
  ] as const)("%i years, %s, at school %s → %s", (age, skill, student, able) => {
    expect(isAbleWorker(age, skill, student)).toBe(able);
  });
  test.each([
    ["2006-08-15", 16],
    ["2006-08-16", 15],
    ["2004-02-29", 18],
  ])("born %s is %i on 2022-08-15", (birth, age) => {
    expect(ageOn(birth, today)).toBe(age);
  });
});

describe("where a household is registered", () => {
  test.each([
    ["451228100003", true, undefined],
    ["451228999999", true, "unknown-division"],
    ["451228100000", true, "invalid-input"],
    ["451229100001", false, "outside-area"],
  ])("%s, reachable %s → %s", (region, reachable, code) => {
    expect(checkVillage(region, reachable)?.code).toBe(code);
  });
});

test("net income per head is rounded down to whole fen, also below zero", () => {
  const entry = { wageFen: 1000, businessFen: 0, propertyFen: 0, transferFen: 1, businessCostFen: 0 };
  expect(netIncome(entry, 3)).toEqual({ netFen: 1001, perCapitaFen: 333 });
  expect(netIncome({ ...entry, businessCostFen: 2002 }, 3)).toEqual({ netFen: -1001, perCapitaFen: -334 });
});
