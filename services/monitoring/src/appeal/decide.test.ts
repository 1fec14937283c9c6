import type { Role } from "@shouwang/contract";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { describe, expect, test } from "vitest";
import { type Against, decideFiling, levelAbove, refusalOfCase, refusalOfLead, standsAgain } from "./decide.ts";

const at = new Date("2022-08-15T17:30:00+08:00");
const step = (name: string, outcome: string) => ({ step: name, outcome, actor: "x|one", at });

describe("what can be appealed against", () => {
  test.each([
    ["the review did not carry", "refused", step("village-review", "not-carried"), "village-review"],
    ["the township did not pass it", "refused", step("township-check", "not-passed"), "township-check"],
    ["the county refused it", "refused", step("county-approval", "refused"), "county-approval"],
    ["the county cleared it", "cleared", step("county-approval", "approved"), "clearance"],
    ["it was included", "included", step("county-approval", "approved"), undefined],
    ["a clearance failed: the household stays monitored", "helping", step("township-check", "not-passed"), undefined],
    ["it ended by itself", "closed", step("county-approval", "approved"), undefined],
    ["refused, but the last step says otherwise", "refused", step("posting", "posted"), undefined],
  ] as const)("%s", (_, status, last, against) => {
    expect(refusalOfCase({ status }, [step("comparison", "compared"), last])?.against).toBe(against);
  });
  test("a case loaded from older records has no steps", () => {
    expect(refusalOfCase({ status: "cleared" }, [])).toBeUndefined();
  });

  test.each([
    ["turned away after the visit", "rejected", { outcome: "not-at-risk", by: "x|one", at }, "verification"],
    ["ended with its household, never visited", "rejected", undefined, undefined],
    ["ended with its household, found real before", "rejected", { outcome: "at-risk", by: "x|one", at }, undefined],
    ["found real", "verified", { outcome: "at-risk", by: "x|one", at }, undefined],
    ["dispatched again after an appeal", "dispatched", { outcome: "not-at-risk", by: "x|one", at }, undefined],
  ] as const)("a lead %s", (_, status, verification, against) => {
    expect(refusalOfLead({ status }, verification)?.against).toBe(against);
  });

  test("the level above decides, and a refused case stands before the step that is taken again", () => {
    const decides: Record<Against, Role> = {
      verification: "county-officer",
      "village-review": "township-officer",
      "township-check": "county-officer",
      "county-approval": "city-officer",
      clearance: "city-officer",
    };
    for (const [against, level] of Object.entries(levelAbove)) expect(`${level}-officer`).toBe(decides[against as Against]); // Safe: keys of the record.
    expect(standsAgain).toEqual({
      "village-review": "compared",
      "township-check": "posted",
      "county-approval": "township-checked",
      clearance: "included",
    });
  });
});

describe("until when", () => {
  const file = (filedOn: string, today = "2022-12-01") =>
    decideFiling(
      { against: "township-check", by: "x|one", at },
      { filedOn: parseBusinessDate(filedOn), today: parseBusinessDate(today), days: 30, document: "d" },
    );
  test.each([
    ["on the day of the decision", "2022-08-15", undefined],
    ["on the last day, the first not counted", "2022-09-14", undefined],
    ["the day after it", "2022-09-15", "appeal-too-late"],
    ["before the decision", "2022-08-14", "invalid-input"],
  ])("%s", (_, filedOn, code) => {
    const said = file(filedOn);
    expect("code" in said ? said.code : undefined).toBe(code);
  });
  test("handed in on the last day and entered later is in time; tomorrow is not", () => {
    expect(file("2022-09-14", "2022-09-20")).toMatchObject({
      reason: { parameter: "appeal.days", facts: [{ value: "2022-08-15" }, {}] },
    });
    expect(file("2022-09-02", "2022-09-01")).toMatchObject({ code: "invalid-input", errors: [{ pointer: "/filedOn" }] });
  });
});
