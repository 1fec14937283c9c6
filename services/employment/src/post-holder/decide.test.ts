import { Refusal } from "@shouwang/contract";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { describe, expect, test } from "vitest";
import { type Applicant, checkApplicant, type Ground, mayTake, needsPriorityReason } from "./decide.ts";

const applicant: Applicant = {
  ...{
    birthDate: parseBusinessDate("1985-03-05"),
    lifted: true,
    monitored: false,
    student: false,
    ableWorker: true,
    livesThere: true,
  },
};
const ages = { min: 16, max: 60, extended: false, document: "规定" };
const decide = (more: Partial<Applicant> = {}, ground: Ground = "cannot-leave", max = 60) => {
  const given = { on: parseBusinessDate("2022-08-15"), ground, ages: { ...ages, max, extended: max > 60 } };
  const answer = checkApplicant({ ...applicant, ...more }, given);
  return answer instanceof Refusal ? answer.reasons.map(({ code }) => code).slice(0, 1) : answer.priority;
};

describe("who can hold a post", () => {
  test.each<[string, Partial<Applicant>, number | string[], Ground?, number?]>([
    ["monitored, of a household never registered poor: the first", { lifted: false, monitored: true }, 1],
    ["lifted, of half strength: the second", {}, 2, "half-or-weak-labour"],
    ["lifted, cannot leave: the third", {}, 3],
    ["lifted, otherwise: the last", {}, 4, "other"],
    ["neither lifted nor monitored", { lifted: false }, ["neither-lifted-nor-monitored"]],
    ["the day before sixteen", { birthDate: parseBusinessDate("2006-08-16") }, ["too-young"]],
    ["the sixteenth birthday", { birthDate: parseBusinessDate("2006-08-15") }, 3],
    ["sixty, the day before the next birthday", { birthDate: parseBusinessDate("1961-08-16") }, 3],
    ["sixty-one today", { birthDate: parseBusinessDate("1961-08-15") }, ["too-old"]],
    ["sixty-one today, where the county lets it be", { birthDate: parseBusinessDate("1961-08-15") }, 3, "cannot-leave", 65],
    ["of a birth date nobody has told", { birthDate: null }, 3],
    ["a student", { student: true }, ["student"]],
    ["unable to work", { ableWorker: false }, ["not-able"]],
    ["registered as unable, found to be of half strength", { ableWorker: false }, 2, "half-or-weak-labour"],
    ["of another township", { livesThere: false }, ["lives-outside-township"]],
  ])("%s", (_, more, answer, ground, max) => expect(decide(more, ground, max)).toEqual(answer));

  test("every reason against is said, not only the first", () => {
    const given = { on: parseBusinessDate("2022-08-15"), ground: "other" as const, ages };
    const answer = checkApplicant({ ...applicant, lifted: false, student: true, livesThere: false }, given);
    expect(answer instanceof Refusal && answer.reasons.map(({ code }) => code).slice(0, 3)).toEqual([
      ...["neither-lifted-nor-monitored", "student", "lives-outside-township"],
    ]);
  });
});

test.each([
  [2, 0, false],
  [2, 1, false],
  [1, 1, true],
  [2, 2, true],
])("with %i places left and %i who come first waiting, a later one needs a reason: %s", (left, waiting, needs) =>
  expect(needsPriorityReason(left, waiting)).toBe(needs),
);

test("no step is taken twice, and nobody who left takes one", () => {
  const codes = (["agreement", "suspension", "departure", "withdrawal"] as const).map(
    (step) => mayTake({ status: "left" }, step)?.code,
  );
  expect(new Set(codes)).toEqual(new Set(["post-holder-state"]));
  expect(mayTake({ status: "approved" }, "agreement")).toBeUndefined();
  expect(mayTake({ status: "active" }, "agreement")?.code).toBe("post-holder-state");
});
