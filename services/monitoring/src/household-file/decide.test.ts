import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { describe, expect, test } from "vitest";
import { completeness, type FileFacts, fileParts } from "./decide.ts";

const partsDue = ["authorisation", "data-comparison", "village-review", "posting", "county-approval", "helper", "household-plan"];
const plain: FileFacts = {
  registeredOn: "2022-01-01",
  members: 2,
  lead: null,
  monitoredCase: null,
  steps: {},
  incomeOn: null,
  helperFrom: null,
  planApprovedOn: null,
  firstVisitOn: null,
  firstMeasureOn: null,
};
const included: FileFacts = {
  ...plain,
  lead: { foundOn: "2022-07-20", verifiedOn: "2022-07-22", rejected: false },
  monitoredCase: { status: "included", includedOn: "2022-08-10", clearedOn: null, dueOn: "2022-08-15" },
  steps: {
    authorisation: "2022-07-25",
    comparison: "2022-07-28",
    "village-review": "2022-07-30",
    posting: "2022-07-30",
    "township-check": "2022-08-08",
    "county-approval": "2022-08-10",
  },
};
const of = (facts: FileFacts, today: string) => fileParts(facts, { today: parseBusinessDate(today), partsDue });
const stateOf = (facts: FileFacts, today: string, part: string) => of(facts, today).find((one) => one.part === part);

describe("M-04b: the parts of a file and how complete it is", () => {
  test.each([
    ["an ordinary household: cover and members", plain, "2022-08-15", { due: 2, have: 2, percent: 100, complete: true }],
    [
      "included, on the last day, without helper and plan",
      included,
      "2022-08-15",
      { due: 10, have: 8, percent: 80, complete: false },
    ],
    [
      "with helper and plan",
      { ...included, helperFrom: "2022-08-11", planApprovedOn: "2022-08-14" },
      "2022-08-15",
      { due: 10, have: 10, percent: 100, complete: true },
    ],
    [
      "a lead nobody verified",
      { ...plain, lead: { foundOn: "2022-08-14", verifiedOn: null, rejected: false } },
      "2022-08-15",
      { due: 3, have: 2, percent: 66, complete: false },
    ],
    [
      "a lead that was turned away",
      { ...plain, lead: { foundOn: "2022-08-14", verifiedOn: null, rejected: true } },
      "2022-08-15",
      { due: 2, have: 2, percent: 100, complete: true },
    ],
  ])("%s", (_, facts, today, expected) => {
    expect(completeness(of(facts, today))).toEqual(expected);
  });

  test.each([
    ["on the last day", "2022-08-15", { state: "due", since: null }],
    ["the day after", "2022-08-16", { state: "missing", since: "2022-08-16" }],
    ["a month later, since the same day", "2022-09-16", { state: "missing", since: "2022-08-16" }],
  ])("no helper %s", (_, today, expected) => {
    expect(stateOf(included, today, "helper")).toMatchObject({ ...expected, dueOn: "2022-08-15" });
  });

  test("what the stage does not ask for is no gap", () => {
    expect(stateOf(plain, "2022-08-15", "helper")).toMatchObject({ state: "not-due" });
    expect(stateOf(included, "2023-08-15", "visits")).toMatchObject({ state: "not-due" });
    expect(stateOf({ ...included, firstVisitOn: "2022-08-12" }, "2022-08-15", "visits")).toMatchObject({
      state: "have",
      since: "2022-08-12",
    });
  });
});
