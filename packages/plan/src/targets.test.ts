import { expect, test } from "vitest";
import { clauseIds } from "./clause.ts";
import { figuresWithoutTarget, targets } from "./targets.ts";

const said = targets.map(({ code, target, unit, direction, scope, due }) => {
  const value =
    typeof target === "number" ? target : "baseline" in target ? target.baseline : `${target.numerator}/${target.denominator}`;
  return [code, direction, value, unit, scope.join("+"), due ?? ""].join(" ").trim();
});

test("the targets, exactly", () => {
  expect(said).toEqual([
    "M-02 = 100/100 ratio grid",
    "M-03 = 100/100 ratio lead",
    "M-04a = 100/100 ratio case",
    "M-04b = 100/100 ratio case",
    "M-04c = 100/100 ratio case",
    "E-01-guarantee >= 2682100 persons region",
    "E-01-stretch >= 2760000 persons region",
    "E-03 >= 2020-12-31 persons city+county",
    "E-05 >= 245100 posts region 2022-12-31",
    "E-07 >= 2 workshops large-resettlement-site",
    "E-08-workshops >= 2020-12-31 workshops region",
    "E-08-workers >= 2020-12-31 persons region",
    "E-15 >= 15/100 ratio project",
    "I-01a-share >= 55/100 ratio region+county 2022-12-31",
    "I-01a-last-year >= last-year ratio region+county 2022-12-31",
    "I-01b > 50/100 ratio region+county",
    "I-07 >= 90/100 ratio region+county",
    "I-09a >= 2021 fen region+county",
    "F-01a = 100/100 ratio region 2022-07-31",
    "F-01b = 100/100 ratio city 2022-09-30",
    "F-02 >= 95/100 ratio county 2022-12-31",
    "C-05 >= 55/100 ratio region+cooperation-county",
    "C-06-county >= 1 parks cooperation-county",
    "C-06-model >= 10 parks region",
    "C-09 >= 15 certificates region 2022-12-31",
    "C-12 >= 5 bases region 2022-12-31",
    "C-13 >= 100000000000 fen region 2022-12-31",
    "C-15 >= 1 bases cooperation-county",
    "S-02b = 1 secretaries key-village",
    "S-02c >= 1 members resettlement-site",
    "S-03-region >= 1 enterprises national-key-county 2022-12-31",
    "S-03-guangdong >= 1 enterprises national-key-county 2022-12-31",
  ]);
});

test("codes are unique, start with their clause, and a clause with a target is not also listed without one", () => {
  expect(new Set(targets.map(({ code }) => code)).size).toBe(targets.length);
  for (const { code, clause } of targets) expect(code === clause || code.startsWith(`${clause}-`), code).toBe(true);
  expect(clauseIds).toEqual(expect.arrayContaining([...figuresWithoutTarget]));
  expect(figuresWithoutTarget.filter((id) => targets.some(({ clause }) => clause === id))).toEqual([]);
});
