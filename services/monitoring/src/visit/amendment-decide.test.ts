import { Refusal } from "@shouwang/contract";
import { expect, test } from "vitest";
import { amendVisit, type Change } from "./amendment-decide.ts";
import type { Visit } from "./decide.ts";

const visit: Visit = {
  id: "visit",
  householdId: "household",
  region: "451228100003",
  caseId: null,
  purposes: ["monthly-round"],
  mode: "home",
  visitor: "grid-1",
  visitorRole: "grid-worker",
  visitedOn: "2022-08-20",
  syncedAt: new Date("2022-08-20T12:00:00+08:00"),
  householdAway: false,
  changed: false,
  needs: [],
  version: 1,
  withdrawn: false,
};
const today = "2022-09-10";

test.each<[string, Change, Partial<Visit>]>([
  ["it was a call", { mode: "phone", householdAway: true }, { mode: "phone", householdAway: true, version: 2 }],
  ["another day of its month", { visitedOn: "2022-08-31" }, { visitedOn: "2022-08-31", version: 2 }],
  ["another duty too", { purposes: ["monthly-round", "sweep"] }, { purposes: ["monthly-round", "sweep"], version: 2 }],
  ["it did not take place", { withdraw: true }, { withdrawn: true, version: 2 }],
])("%s", (_what, change, expected) => {
  expect(amendVisit(visit, change, { today })).toEqual({ ...visit, ...expected });
});

test.each<[string, Visit, Change, string, string]>([
  ["nothing else", visit, { mode: "home" }, today, "visit-unchanged"],
  [
    "the same duties in another order",
    { ...visit, purposes: ["sweep", "monthly-round"] },
    { purposes: ["monthly-round", "sweep"] },
    today,
    "visit-unchanged",
  ],
  ["another month", visit, { visitedOn: "2022-09-01" }, today, "invalid-input"],
  ["tomorrow", visit, { visitedOn: "2022-08-22" }, "2022-08-21", "invalid-input"],
  ["what was taken back", { ...visit, withdrawn: true }, { mode: "phone" }, today, "state-conflict"],
])("%s is refused", (_what, before, change, day, code) => {
  const refused = amendVisit(before, change, { today: day });
  expect(refused).toBeInstanceOf(Refusal);
  expect(refused).toMatchObject({ code });
});
