import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkVisitDay,
  countsForHelperVisit,
  countsForRound,
  dutyOfMonth,
  exemptMonth,
  type HelperSpan,
  helperVisitsOf,
  isMonthOpen,
  roundPlaces,
  type Visit,
} from "./decide.ts";

const visit: Visit = {
  id: "visit",
  householdId: "household",
  region: "451228100003",
  caseId: "case",
  purposes: ["monthly-round", "helper-visit"],
  mode: "home",
  visitor: "helper-1",
  visitorRole: "helper",
  visitedOn: "2022-08-20",
  syncedAt: new Date("2022-08-20T12:00:00+08:00"),
  householdAway: false,
  changed: false,
  needs: [],
  version: 1,
  withdrawn: false,
};
const monitored = { includedOn: "2022-08-10", clearedOn: null };
const helpers = [{ subject: "helper-1", from: "2022-08-12", until: null }];

describe("a month takes visits until the end of the lock day in the month after", () => {
  test.each([
    ["in the month itself", "2022-08-31T23:59:59+08:00", 3, true],
    ["at the first moment of the month after", "2022-09-01T00:00:00+08:00", 3, true],
    ["at the first moment of the lock day", "2022-09-03T00:00:00+08:00", 3, true],
    ["at the last moment of the lock day", "2022-09-03T23:59:59.999+08:00", 3, true],
    ["at the first moment after it", "2022-09-04T00:00:00+08:00", 3, false],
    ["with a later lock day, by the setting", "2022-09-05T12:00:00+08:00", 5, true],
    ["two months on", "2022-10-01T00:00:00+08:00", 31, false],
  ])("%s", (_when, now, lockDay, open) => {
    expect(isMonthOpen("2022-08", new Date(now), lockDay)).toBe(open);
  });

  test("a lock day the next month does not have is its last day", () => {
    expect(isMonthOpen("2022-01", new Date("2022-02-28T23:59:59.999+08:00"), 31)).toBe(true);
    expect(isMonthOpen("2022-01", new Date("2022-03-01T00:00:00+08:00"), 31)).toBe(false);
    expect(isMonthOpen("2021-12", new Date("2022-01-03T23:59:59+08:00"), 3)).toBe(true);
  });

  test("tomorrow is refused as future, a locked month with the setting it was locked by", () => {
    const given = { now: new Date("2022-09-04T00:00:00+08:00"), today: parseBusinessDate("2022-09-04"), lockDay: 3 };
    expect(checkVisitDay("2022-09-04", given)).toBeUndefined();
    expect(checkVisitDay("2022-09-05", given)).toMatchObject({ code: "visit-in-future" });
    expect(checkVisitDay("2022-08-31", given)).toMatchObject({
      code: "visit-month-locked",
      reasons: [{ parameter: "month.lockDay", clause: "M-02" }],
    });
  });
});

describe("what counts for the monthly round", () => {
  test.each([
    ["a home visit", { mode: "home", householdAway: false }, true, "at-home"],
    ["a home visit to nobody", { mode: "home", householdAway: true }, true, undefined],
    ["a call to the absent", { mode: "phone", householdAway: true }, true, "by-call"],
    ["a video call to the absent", { mode: "video", householdAway: true }, true, "by-call"],
    ["a call to the absent where the setting says no", { mode: "phone", householdAway: true }, false, undefined],
    ["a call to a household that is at home", { mode: "phone", householdAway: false }, true, undefined],
    ["a visit for another duty", { mode: "home", householdAway: false, purposes: ["sweep"] }, true, undefined],
  ] as const)("%s", (_what, change, phoneCountsWhenAbsent, expected) => {
    expect(
      countsForRound(
        { ...visit, ...change, purposes: [...("purposes" in change ? change.purposes : visit.purposes)] },
        { phoneCountsWhenAbsent },
      ),
    ).toBe(expected);
  });
});

test("the round adds up: everybody is visited or not seen, and calls count only where the settings let them", () => {
  const counts = [
    { region: "451228100003", focus: false, households: 10, atHome: 6, byCall: 2 },
    { region: "451228100003", focus: true, households: 4, atHome: 1, byCall: 1 },
    { region: "451228100004", focus: false, households: 3, atHome: 0, byCall: 0 },
  ];
  expect(roundPlaces(counts, { scope: "all", phoneCountsWhenAbsent: true })).toEqual([
    { region: "451228100003", households: 14, visited: 10, atHome: 7, byCall: 3, notSeen: 4 },
    { region: "451228100004", households: 3, visited: 0, atHome: 0, byCall: 0, notSeen: 3 },
  ]);
  expect(roundPlaces(counts, { scope: "focus", phoneCountsWhenAbsent: false })).toEqual([
    { region: "451228100003", households: 4, visited: 1, atHome: 1, byCall: 1, notSeen: 3 },
  ]);
});

describe("what counts as the helper's monthly home visit", () => {
  test.each([
    ["by an active helper", {}, "counts"],
    ["on the helper's first day", { visitedOn: "2022-08-12" }, "counts"],
    ["before the helper's first day", { visitedOn: "2022-08-11" }, "not-its-helper"],
    ["before inclusion", { visitedOn: "2022-08-09" }, "outside-monitoring"],
    ["by somebody else", { visitor: "grid-worker-1" }, "not-its-helper"],
    ["a call", { mode: "phone" }, "not-at-home"],
    ["a call to the absent", { mode: "video", householdAway: true }, "household-away"],
    ["for the round alone", { purposes: ["monthly-round"] }, "other-purpose"],
  ] as const)("%s", (_what, change, expected) => {
    const changed = { ...visit, ...change, purposes: [...("purposes" in change ? change.purposes : visit.purposes)] };
    expect(countsForHelperVisit(changed, { helpers, monitored })).toBe(expected);
  });

  test("a former helper's last day still counts, and so does the day of clearance", () => {
    const former = [{ subject: "helper-1", from: "2022-08-12", until: "2022-08-20" }];
    expect(countsForHelperVisit(visit, { helpers: former, monitored })).toBe("counts");
    expect(countsForHelperVisit({ ...visit, visitedOn: "2022-08-21" }, { helpers: former, monitored })).toBe("not-its-helper");
    const cleared = { ...monitored, clearedOn: "2022-08-20" };
    expect(countsForHelperVisit(visit, { helpers, monitored: cleared })).toBe("counts");
    expect(countsForHelperVisit({ ...visit, visitedOn: "2022-08-21" }, { helpers, monitored: cleared })).toBe(
      "outside-monitoring",
    );
  });

  test("visits on one day are one visit; where the settings ask for two, the second day meets the duty", () => {
    const twice = [visit, { ...visit, id: "again" }];
    expect(helperVisitsOf(twice, { helpers, monitored, needed: 1 })).toEqual({ metOn: "2022-08-20", awayOn: null });
    expect(helperVisitsOf(twice, { helpers, monitored, needed: 2 })).toEqual({ metOn: null, awayOn: null });
    const twoDays = [{ ...visit, id: "later", visitedOn: "2022-08-25" }, ...twice];
    expect(helperVisitsOf(twoDays, { helpers, monitored, needed: 2 })).toEqual({ metOn: "2022-08-25", awayOn: null });
  });

  test("the day that meets the duty does not depend on the order visits arrive in", () => {
    const days = fc.uniqueArray(fc.integer({ min: 12, max: 31 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 3 }), (numbers, needed) => {
        const visits = numbers.map((day) => ({ ...visit, id: String(day), visitedOn: `2022-08-${day}` }));
        const given = { helpers, monitored, needed };
        expect(helperVisitsOf(visits, given)).toEqual(helperVisitsOf([...visits].reverse(), given));
      }),
    );
  });
});

describe("the month a helper is assigned in", () => {
  test.each([
    ["2022-08-25", "2022-08", false],
    ["2022-08-26", "2022-08", true],
    ["2022-08-31", "2022-08", true],
    ["2022-08-26", "2022-09", false],
    ["2022-09-01", "2022-09", false],
  ])("first helper from %s: %s excused %s", (from, month, exempt) => {
    expect(exemptMonth(from, month, 26)).toBe(exempt);
  });

  const from = (day: string): HelperSpan[] => [{ subject: "another", from: day, until: null }];
  test.each<[string, string, HelperSpan[], string | null, string]>([
    ["before inclusion", "2022-07", helpers, null, "none"],
    ["the month of inclusion with a helper", "2022-08", helpers, null, "owed"],
    ["the month of inclusion, no helper yet", "2022-08", [], null, "none"],
    ["a later month without any helper: no excuse", "2022-09", [], null, "owed"],
    ["first assigned on the 26th of a later month", "2022-09", from("2022-09-26"), null, "exempt"],
    ["a successor late in the month excuses nothing", "2022-09", [...helpers, ...from("2022-09-28")], null, "owed"],
    ["the month of clearance", "2023-03", helpers, "2023-03-31", "exempt"],
    ["the month before clearance", "2023-02", helpers, "2023-03-31", "owed"],
    ["after clearance", "2023-04", helpers, "2023-03-31", "none"],
  ])("%s", (_what, month, those, clearedOn, expected) => {
    const given = { monitored: { includedOn: "2022-08-10", clearedOn }, helpers: those, exemptFromDay: 26 };
    expect(dutyOfMonth(month, given)).toBe(expected);
  });
});
