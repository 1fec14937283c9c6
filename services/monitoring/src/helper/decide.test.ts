import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { describe, expect, test } from "vitest";
import { checkFirstDay, type Helper, isGridTooLarge, isMonitored, mayHelp, release } from "./decide.ts";

describe("who may be the helper", () => {
  test.each([
    ["none", false, true],
    ["none", true, true],
    ["relative", false, false],
    ["relative", true, true],
    ["member", false, false],
    ["member", true, false],
  ] as const)("%s, relatives allowed %s: %s", (relationship, relativeAllowed, ok) => {
    expect(mayHelp(relationship, { relativeAllowed, document: "design" })).toMatchObject({
      ok,
      reasons: [{ clause: "M-04a", parameter: "helper.relativeAllowed" }],
    });
  });
});

describe("the first day answerable", () => {
  const given = { includedOn: "2022-08-10", today: parseBusinessDate("2022-08-15") };
  test.each([
    ["2022-08-10", undefined],
    ["2022-08-15", undefined],
    ["2022-08-09", "after-inclusion"],
    ["2022-08-16", "not-in-future"],
  ])("%s: %s", (from, rule) => {
    expect(checkFirstDay(from, given)?.errors[0]?.rule).toBe(rule);
  });
});

const helper: Helper = {
  id: "helper",
  caseId: "case",
  householdId: "household",
  region: "451228100003",
  subject: "h1",
  nameMask: "黄*国",
  phoneMask: "138****8000",
  relationship: "none",
  from: "2022-08-12",
  until: null,
  releasedBecause: null,
  version: 1,
};
test("a helper is released once, and their last day is the day of release", () => {
  const given = { because: "transferred", today: parseBusinessDate("2022-09-01") } as const;
  const released = release(helper, given);
  expect(released).toMatchObject({ until: "2022-09-01", releasedBecause: "transferred", version: 2 });
  expect(release({ ...helper, until: "2022-09-01" }, given)).toMatchObject({ code: "state-conflict" });
});

test("a grid is too large above the settings' number, not at it", () => {
  expect([isGridTooLarge(100, 100), isGridTooLarge(101, 100)]).toEqual([false, true]);
});

test("duties run from inclusion until clearance is approved", () => {
  const statuses = ["township-checked", "included", "helping", "clearance-proposed", "cleared", "closed", "refused"];
  expect(statuses.filter((status) => isMonitored({ status }))).toEqual(["included", "helping", "clearance-proposed"]);
});
