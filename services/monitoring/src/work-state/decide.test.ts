import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { expect, test } from "vitest";
import { isAtWork, type PersonWork, workStateOn } from "./decide.ts";

const work = (more: Partial<PersonWork>): PersonWork => ({
  ...{ kind: "work-record", id: "w1", personId: "p1", scope: "outside-region", channel: "own-search" },
  ...{ from: "2022-03-05", until: null, suspended: false, endedBecause: null },
  ...more,
});
const post = (more: Partial<PersonWork>) =>
  work({ kind: "post-holder", scope: "in-county", channel: "public-welfare-post", ...more });
const away = { atWork: true, scope: "outside-region", channel: "own-search", since: "2022-03-05" };
const none = { atWork: false, lastUntil: null, endedBecause: null };

test.each<[string, PersonWork[], string, unknown]>([
  ["nothing is known", [], "2022-08-15", none],
  ["the day before the first", [work({})], "2022-03-04", none],
  ["the first day", [work({})], "2022-03-05", away],
  ["the last day", [work({ until: "2022-08-15", endedBecause: "laid-off" })], "2022-08-15", away],
  [
    "the day after",
    [work({ until: "2022-08-14", endedBecause: "laid-off" })],
    "2022-08-15",
    { atWork: false, lastUntil: "2022-08-14", endedBecause: "laid-off" },
  ],
  ["a suspended post is no work", [post({ suspended: true })], "2022-08-15", none],
  [
    "of two the one that began last",
    [work({}), post({ id: "x", from: "2022-06-01" })],
    "2022-08-15",
    { atWork: true, scope: "in-county", channel: "public-welfare-post", since: "2022-06-01" },
  ],
  [
    "of two that ended the last",
    [work({ until: "2022-07-31", endedBecause: "health" }), work({ id: "x", until: "2022-05-31", endedBecause: "family" })],
    "2022-08-15",
    { atWork: false, lastUntil: "2022-07-31", endedBecause: "health" },
  ],
])("where somebody stands with work: %s", (_, works, day, state) => {
  expect(workStateOn(works, parseBusinessDate(day))).toEqual(state);
});

test("the record that was lost is not other work", () => {
  const day = parseBusinessDate("2022-08-15");
  const lost = work({ until: "2022-08-15" });
  expect(isAtWork([lost], day)).toBe(true);
  expect(isAtWork([lost], day, lost)).toBe(false);
  expect(isAtWork([lost, post({ id: "w1" })], day, lost)).toBe(true);
});
