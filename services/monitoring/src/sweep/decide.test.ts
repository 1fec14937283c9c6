import { Refusal } from "@shouwang/contract";
import { describe, expect, test } from "vitest";
import { checkOrder, close, covers, extend, partsOf, type Sweep, swept } from "./decide.ts";

const sweep: Sweep = {
  id: "sweep",
  division: "451228000000",
  title: "秋季排查",
  document: "都乡振〔2022〕20号",
  scope: ["451228100000", "451228101201"],
  from: "2022-08-15",
  until: "2022-09-15",
  status: "open",
  closedAt: null,
  figures: null,
  version: 1,
};
const order = { division: "451228000000", scope: ["451228000000"], from: "2022-08-15", until: "2022-09-15" };

test.each([
  ["the county itself", order.scope, ["451228000000"]],
  ["a township with one of its villages, twice", ["451228100003", "451228100000", "451228100000"], ["451228100000"]],
  ["two townships", ["451228101000", "451228100000"], ["451228100000", "451228101000"]],
])("the scope of %s", (_what, scope, expected) => {
  expect(checkOrder({ ...order, scope })).toEqual({ scope: expected });
});

test.each([
  ["by a township", { division: "451228100000" }, "invalid-input", "/division"],
  ["by nobody", { division: "459999000000" }, "unknown-division", "/division"],
  ["for another county", { scope: ["451228100000", "451229000000"] }, "invalid-input", "/scope/1"],
  ["for a place there is not", { scope: ["451228999000"] }, "unknown-division", "/scope/0"],
  ["ending before it starts", { until: "2022-08-14" }, "invalid-input", "/until"],
])("ordered %s it is refused", (_how, change, code, pointer) => {
  const refused = checkOrder({ ...order, ...change });
  expect(refused).toBeInstanceOf(Refusal);
  expect(refused).toMatchObject({ code, errors: [{ pointer }] });
});

describe("what it covers", () => {
  test.each([
    ["451228100003", true],
    ["451228101201", true],
    ["451228101202", false],
    ["451229100201", false],
  ])("%s: %s", (place, covered) => {
    expect(covers(sweep, place)).toBe(covered);
  });

  test.each([
    ["a village of it", "451228100003", [{ lo: "451228100003", hi: "451228100004" }]],
    [
      "its county",
      "451228",
      [
        { lo: "451228100", hi: "451228101" },
        { lo: "451228101201", hi: "451228101202" },
      ],
    ],
    [
      "the whole region",
      "45",
      [
        { lo: "451228100", hi: "451228101" },
        { lo: "451228101201", hi: "451228101202" },
      ],
    ],
    ["another county", "451229", []],
  ])("asked for by %s", (_who, area, parts) => {
    expect(partsOf(sweep, area)).toEqual(parts);
  });
});

test("it can get more time while it is open, never less", () => {
  expect(extend(sweep, "2022-09-30")).toMatchObject({ until: "2022-09-30", version: 2 });
  expect(extend(sweep, "2022-09-15")).toMatchObject({ code: "invalid-input" });
  expect(extend({ ...sweep, status: "closing" }, "2022-09-30")).toMatchObject({ code: "sweep-state" });
});

test.each([
  ["before its first day", "2022-08-14", undefined],
  ["early", "2022-09-01", "2022-09-01"],
  ["late", "2022-10-01", "2022-09-15"],
])("closed %s it ends %s", (_when, today, until) => {
  expect(close(sweep, today)).toMatchObject(until === undefined ? { code: "sweep-state" } : { status: "closing", until });
});

test("a call to the absent counts only where the settings let it", () => {
  expect([true, false].map((phoneCounts) => swept({ households: 9, atHome: 5, byCall: 2 }, phoneCounts))).toEqual([7, 5]);
});
