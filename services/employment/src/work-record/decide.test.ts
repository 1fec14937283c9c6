import { Refusal } from "@shouwang/contract";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { channelsCounted, checkWork, kindOfChannel, overlaps, scopeOf, type Worker } from "./decide.ts";

const village = "451228101201";

describe("where work is", () => {
  test.each([
    ["451228", "in-county"],
    ["451229", "in-region"],
    ["450103", "in-region"],
    ["4501", "county-needed"],
    ["45", "county-needed"],
    ["44", "outside-region"],
    ["4403", "outside-region"],
    ["440305", "outside-region"],
  ])("%s, seen from Du'an, is %s", (place, scope) => {
    expect(scopeOf({ country: "CN", place }, village)).toBe(scope);
  });
  test("another country is abroad", () => expect(scopeOf({ country: "MY", place: null }, village)).toBe("abroad"));
});

const worker: Worker = { birthDate: parseBusinessDate("2006-03-05"), householdId: "h", goneFrom: null, others: [] };
const ages = { min: 16, max: null, document: "设置" };
const codeOf = (answer: ReturnType<typeof checkWork>) => (answer instanceof Refusal ? answer.code : "ok");
const decide = (from: string, until: string | null, more: Partial<Worker> = {}, max: number | null = null) =>
  codeOf(checkWork({ id: "new", from, until }, { ...worker, ...more }, { ...ages, max }));
const before = { id: "old", from: "2022-04-01", until: "2022-04-30" };

describe("who can have been at work", () => {
  test.each<[string, string, string | null, Partial<Worker>, string]>([
    ["the day before sixteen", "2022-03-04", null, {}, "not-of-working-age"],
    ["the sixteenth birthday", "2022-03-05", null, {}, "ok"],
    ["a birth date nobody has told yet", "2022-03-04", null, { birthDate: null }, "ok"],
    ["of no household on that day", "2022-03-05", null, { householdId: null }, "no-member-on-the-day"],
    ["gone the day after the last", "2022-03-05", "2022-05-31", { goneFrom: "2022-06-01" }, "ok"],
    ["gone on the last day", "2022-03-05", "2022-06-01", { goneFrom: "2022-06-01" }, "no-member-on-the-day"],
    ["gone, and still at work", "2022-03-05", null, { goneFrom: "2022-06-01" }, "no-member-on-the-day"],
    ["begins the day after other work ended", "2022-05-01", null, { others: [before] }, "ok"],
    ["begins on the day other work ended", "2022-04-30", null, { others: [before] }, "work-overlaps"],
    ["ends on the day other work began", "2022-03-05", "2022-04-01", { others: [before] }, "work-overlaps"],
    ["beside work that goes on", "2022-05-01", "2022-05-02", { others: [{ ...before, until: null }] }, "work-overlaps"],
    ["its own earlier state", "2022-04-02", null, { others: [{ ...before, id: "new" }] }, "ok"],
  ])("%s", (_, from, until, more, answer) => expect(decide(from, until, more)).toBe(answer));

  test("an upper age binds where it is set: the last day before the birthday after it is inside", () => {
    const born = { birthDate: parseBusinessDate("1961-08-16") };
    expect(decide("2022-08-15", null, born, 60)).toBe("ok");
    expect(decide("2022-08-16", null, born, 60)).toBe("not-of-working-age");
    expect(decide("2022-08-16", null, born)).toBe("ok");
  });
});

const day = fc.integer({ min: 1, max: 28 }).map((n) => `2022-02-${String(n).padStart(2, "0")}`);
const span = fc
  .tuple(day, fc.option(day))
  .filter(([from, until]) => until === null || until >= from)
  .map(([from, until]) => ({ from, until }));

test("two times of work overlap exactly where a day is in both, whichever is asked first", () => {
  const days = Array.from({ length: 28 }, (_, n) => `2022-02-${String(n + 1).padStart(2, "0")}`);
  const holds = ({ from, until }: { from: string; until: string | null }, on: string) =>
    from <= on && (until === null || on <= until);
  fc.assert(
    fc.property(span, span, (one, other) => {
      expect(overlaps(one, other)).toBe(days.some((on) => holds(one, on) && holds(other, on)));
      expect(overlaps(one, other)).toBe(overlaps(other, one));
    }),
  );
});

test("every way of finding work counts while the settings name every kind, and none while they name none", () => {
  expect(channelsCounted(Object.values(kindOfChannel))).toEqual(Object.keys(kindOfChannel));
  expect(channelsCounted([])).toEqual([]);
  expect(channelsCounted(["away-work"])).toEqual(["own-search"]);
});
