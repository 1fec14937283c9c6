import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { makeIdentityNumber } from "@shouwang/service-kit/identity";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { educations, healthStates, labourSkills, relations, schoolings } from "../household/code-lists.ts";
import type { Household } from "../household/store.ts";
import { compareHousehold, isDisagreement, type SheetRow } from "./compare.ts";
import { ruleOf } from "./difference-store.ts";
import { exportRows, spell } from "./export-row.ts";
import { findNationalLayout, nationalLayouts } from "./layouts.ts";
import { readRow } from "./read-row.ts";
import { householdValues, type Member, personValues } from "./registry-row.ts";

const today = parseBusinessDate("2022-08-15");
const found = findNationalLayout("monitored-households");
if (!found) throw new Error("the layout is gone");
const layout = found;
const number = makeIdentityNumber("451228", parseBusinessDate("1975-03-05"), 1);
const good = { householdNo: "4512280001", name: "韦大明", identityNumber: number, relation: "户主" };
const valuesOf = (cells: Record<string, string>) => {
  const read = readRow(layout, { ...good, ...cells }, today);
  return "row" in read ? read.row.values : read.reasons.map(({ rule }) => rule);
};

describe("a row of the national system", () => {
  test.each([
    ["identity card, 18", { identityNumber: number }, {}],
    ["disability certificate, 20", { identityNumber: `${number}43` }, { certificate: "kind-4-grade-3" }],
    ["reissued certificate, 22", { identityNumber: `${number}12B1` }, { certificate: "kind-1-grade-2" }],
    ["month as six digits", { includedIn: "202206" }, { includedIn: "2022-06" }],
    ["month with a hyphen", { includedIn: "2022-06" }, { includedIn: "2022-06" }],
    ["month as a spreadsheet's serial", { includedIn: "44713" }, { includedIn: "2022-06" }],
    ["states of health in any order", { health: "残疾,长期慢性病" }, { health: "chronic-illness,disabled" }],
    ["the same, with a full-width comma and twice", { health: "长期慢性病，残疾，残疾" }, { health: "chronic-illness,disabled" }],
    ["a grade is a kind of school here", { schooling: "普通高中二年级" }, { schooling: "senior" }],
    ["kind of household by another name", { householdKind: "一般农户" }, { householdKind: "ordinary-household" }],
    ["headcount with a leading nought", { headcount: "04" }, { headcount: "4" }],
    ["an empty cell says nothing", { education: "" }, {}],
    ["what the registry does not hold is passed by", { people: "壮族", perCapita: "9000.5" }, {}],
  ])("%s", (_, cells, values) => {
    expect(valuesOf(cells)).toEqual({ householdNo: "4512280001", name: "韦大明", relation: "head", ...values });
  });

  test.each([
    ["number of a numeric cell", { identityNumber: "4.51228E+17" }, ["identity-scientific-notation"]],
    [
      "wrong check digit",
      { identityNumber: `${number.slice(0, 17)}${number.endsWith("1") ? "2" : "1"}` },
      ["identity-check-digit"],
    ],
    ["19 characters", { identityNumber: `${number}4` }, ["identity-length"]],
    ["certificate of no such kind", { identityNumber: `${number}93` }, ["identity-disability-certificate"]],
    ["word that is on no list", { relation: "之侄孙" }, ["code-unknown"]],
    ["one unknown word among several", { health: "健康,不详" }, ["code-unknown"]],
    ["a month that can be read twice", { includedIn: "2022.6" }, ["month-form"]],
    ["headcount in words", { headcount: "四人" }, ["count-form"]],
    ["phone too short", { phone: "1380013" }, [expect.stringContaining("mobile")]],
    ["no household number and no name", { householdNo: "", name: "" }, ["cell-empty", "cell-empty"]],
  ])("sent back: %s", (_, cells, rules) => {
    expect(valuesOf(cells)).toEqual(rules);
  });

  test("no reason repeats what stood in the row", () => {
    const read = readRow(
      layout,
      { ...good, identityNumber: "451228197503059999", relation: "覃小花之夫", phone: "1380013" },
      today,
    );
    expect("reasons" in read && read.reasons.length).toBe(3);
    expect(JSON.stringify(read)).not.toMatch(/4512281975|覃小花|1380013/);
  });
});

test.each([
  ["relation", relations, 28],
  ["education", educations, 6],
  ["labourSkill", labourSkills, 5],
  ["health", healthStates, 4],
] as const)("%s is spelled as the national system spells it", (key, list, count) => {
  const column = layout.columns.find((one) => one.key === key);
  expect(Object.keys(list)).toHaveLength(count);
  for (const [code, word] of Object.entries(list)) {
    expect(column && spell(column, code)).toBe(word);
    expect(valuesOf({ [key]: word })).toMatchObject({ [key]: code });
  }
});

test("a title stands for one column of a sheet only, and a word for one code", () => {
  for (const { columns } of nationalLayouts) {
    const titles = columns.flatMap((column) => column.titles);
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
    for (const { words = {} } of columns) {
      const spelt = Object.values(words).flat();
      expect(new Set(spelt).size).toBe(spelt.length);
    }
  }
});

const household: Household = {
  id: "01825a10-7c00-7000-8000-000000000001",
  region: "451228100003",
  householdNo: "4512280001",
  hamlet: null,
  householdKind: "lifted-household",
  monitoredKind: "unstable-lifted",
  riskCleared: false,
  headcount: 2,
  ableWorkers: 2,
  guarantees: { schooling: true, medicalCare: true, housing: true, drinkingWater: null },
  lowIncome: false,
  safetyNetOnly: false,
  relocated: false,
  status: "active",
  closedBecause: null,
  mergedInto: null,
  splitFrom: null,
  synthetic: false,
  version: 1,
};
const member = (id: string, identityNumber: string, more: Partial<Member> = {}): Member => ({
  id,
  householdId: household.id,
  relation: "head",
  education: "junior",
  schooling: null,
  health: ["healthy"],
  labourSkill: "ordinary",
  seriousIllnessInsurance: true,
  secret: { name: "韦大明", identityNumber, phone: "13800138000" },
  ...more,
});
const wifesNumber = makeIdentityNumber("451228", parseBusinessDate("1978-06-01"), 2);
const head = member("p1", number);
const wife = member("p2", wifesNumber, { relation: "spouse", secret: { name: "覃小花", identityNumber: wifesNumber } });
const monitored = { risks: ["illness"], includedOn: "2022-06-20", clearedOn: null };
const registryOf = (members: readonly Member[]) => ({
  values: householdValues(household, monitored),
  members: members.map((one) => ({ id: one.id, identityNumber: one.secret.identityNumber, values: personValues(one, today) })),
});
/** Rows as the registry itself would export them, then changed. */
const rowsFor = (
  members: readonly Member[],
  change: (cells: Record<string, string>, at: number) => Record<string, string> = (one) => one,
) =>
  exportRows(layout, household, members, monitored, { full: true, today }).rows.map((cells, at): SheetRow => {
    // Safe: an export's cells are texts.
    const read = readRow(layout, change(cells as Record<string, string>, at), today);
    if (!("row" in read)) throw new Error(JSON.stringify(read));
    const person = members.find((one) => one.secret.identityNumber.slice(0, 18) === read.row.personKey);
    return { line: at + 4, personId: person?.id ?? null, row: read.row };
  });
const compare = (rows: readonly SheetRow[], members: readonly Member[] = [head, wife]) =>
  compareHousehold(layout, rows, registryOf(members), (key) => key.slice(-4).toLowerCase()).map((one) => [
    ...[one.personId, one.field, one.ours, one.theirs],
  ]);

describe("what the two say differently", () => {
  test("nothing, where the sheet is the registry's own", () => {
    expect(compare(rowsFor([head, wife]))).toEqual([]);
  });

  test.each([
    ["a person's field", { education: "小学" }, [["p1", "education", "junior", "primary"]]],
    ["a household's field", { householdKind: "普通农户" }, [[null, "householdKind", "lifted-household", "ordinary-household"]]],
    ["a household's number", { householdNo: "4512289999" }, [[null, "householdNo", "4512280001", "4512289999"]]],
    ["a field the registry does not fill", { drinkingWater: "否" }, [[null, "drinkingWater", null, "no"]]],
    ["the month of inclusion", { includedIn: "202207" }, [[null, "includedIn", "2022-06", "2022-07"]]],
    ["a certificate on one side", { identityNumber: `${number}43` }, [["p1", "certificate", null, "kind-4-grade-3"]]],
    ["nothing: the sheet leaves the field empty", { education: "", householdKind: "", health: "" }, []],
  ])("%s", (_, change, expected) => {
    expect(compare(rowsFor([head, wife], (cells, at) => (at === 0 ? { ...cells, ...change } : cells)))).toEqual(expected);
  });

  test("a member on one side only, each told apart", () => {
    expect(compare(rowsFor([head]))).toEqual([["p2", "member", wifesNumber, null]]);
    const children = ["2001-01-01", "2003-01-01"].map((birth, at) =>
      member(`c${at}`, makeIdentityNumber("451228", parseBusinessDate(birth), 3), { relation: "son" }),
    );
    const listed = rowsFor([head, wife, ...children]).map((row) =>
      row.personId?.startsWith("c") ? { ...row, personId: null } : row,
    );
    const differences = compare(listed);
    expect(differences.map(([, , ours, theirs]) => [ours, theirs])).toEqual(
      children.map((child) => [null, child.secret.identityNumber]),
    );
    expect(new Set(differences.map(([, field]) => field)).size).toBe(2);
  });

  test("who stands in the sheet twice is compared by the first row", () => {
    const [first, ...rest] = rowsFor([head, wife]);
    const again = rowsFor([head, wife], (cells) => ({ ...cells, education: "大专" })).slice(0, 1);
    expect(compare([...(first ? [first] : []), ...rest, ...again])).toEqual([]);
  });

  test.each([
    ["education", "junior", true],
    ["education", null, false],
    ["member", "4512…", true],
    ["member-1a2b3c4d", null, true],
  ])("%s against %s has to be decided: %s", (field, ours, decides) => {
    expect(isDisagreement({ field, ours })).toBe(decides);
  });

  test.each([
    ["seriousIllnessInsurance", "national-serious-illness-insurance"],
    ["member", "national-member-not-listed"],
    ["member-1a2b3c4d", "national-member-not-registered"],
  ])("%s is asked about as %s", (field, rule) => {
    expect(ruleOf(field)).toBe(rule);
  });
});

const some = <T extends string>(list: Readonly<Record<T, string>>) => fc.constantFrom(...(Object.keys(list) as T[])); // Safe: the list's own keys.
test("whatever the registry holds, its own export differs from it in nothing but what it cannot spell", () => {
  fc.assert(
    fc.property(
      fc.record({
        relation: some(relations),
        education: fc.option(some(educations)),
        schooling: fc.option(some(schoolings)),
        health: fc.uniqueArray(some(healthStates), { minLength: 1 }),
        labourSkill: some(labourSkills),
        seriousIllnessInsurance: fc.option(fc.boolean()),
      }),
      (more) => {
        const one = member("p1", number, more);
        expect(compare(rowsFor([one]), [one])).toEqual([]);
      },
    ),
  );
});

test("an export is masked unless it may be full, and counts the grades it leaves to people", () => {
  const pupil = member("p3", wifesNumber, {
    relation: "daughter",
    schooling: "junior",
    secret: { name: "韦小妹", identityNumber: wifesNumber },
  });
  const { rows, ungraded } = exportRows(layout, household, [head, pupil], monitored, { full: false, today });
  expect(ungraded).toBe(1);
  expect(rows[0]).toMatchObject({
    name: "韦*明",
    identityNumber: `451228********${number.slice(-4)}`,
    phone: "138****8000",
    county: "都安瑶族自治县",
  });
  expect(rows[1]).toMatchObject({ schooling: "", householdPhone: "138****8000", phone: "" });
  expect(JSON.stringify(rows)).not.toMatch(/韦大明|13800138000|\b\d{17}[\dX]\b/);
});
