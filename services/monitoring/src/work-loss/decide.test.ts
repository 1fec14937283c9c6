import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { expect, test } from "vitest";
import { dueOn, judgeLoss, type LossFacts, lossOfReturnee, lossOfWork, reasonsOf, type WorkLoss } from "./decide.ts";

const settings = {
  workReasons: ["epidemic", "laid-off", "health"],
  postReasons: ["term-ended", "over-age", "not-serving"],
  graceDays: 3,
};
const ended = (endedBecause: string | null, until: string | null = "2022-08-10") =>
  ({ kind: "work-record", id: "w1", personId: "p1", until, endedBecause }) as const;

test.each<[string, Parameters<typeof lossOfWork>[0], Partial<WorkLoss> | undefined]>([
  ["laid off", ended("laid-off"), { because: "laid-off", epidemic: false, lostOn: "2022-08-10" }],
  ["because of the epidemic", ended("epidemic"), { because: "epidemic", epidemic: true }],
  ["for the family's sake is the person's own wish", ended("family"), undefined],
  ["at work still", ended(null, null), undefined],
  ["ended, nobody knows why", ended(null), undefined],
  ["a post whose term ended", { ...ended("term-ended"), kind: "post-holder" }, { sourceKind: "post-holder" }],
  ["a post left for work away", { ...ended("work-away"), kind: "post-holder" }, undefined],
  ["a post's reason at a work record says nothing", ended("term-ended"), undefined],
])("M-05: work lost: %s", (_, work, loss) => {
  if (loss === undefined) expect(lossOfWork(work, settings)).toBeUndefined();
  else expect(lossOfWork(work, settings)).toMatchObject(loss);
});

const returnee = { returneeId: "r1", personId: "p1", returnedOn: "2022-07-30", epidemic: true, status: "filed" };
test.each<[string, Partial<typeof returnee>, boolean]>([
  ["back because of the epidemic", {}, true],
  ["back for another reason", { epidemic: false }, false],
  ["settled again", { status: "settled" }, false],
  ["gone out again", { status: "left-again" }, false],
])("E-10: somebody who came back: %s", (_, more, lost) => {
  expect(lossOfReturnee({ ...returnee, ...more }) !== undefined).toBe(lost);
});

const loss: WorkLoss = {
  ...{ sourceKind: "work-record", sourceId: "w1", personId: "p1", lostOn: "2022-08-10", because: "laid-off", epidemic: false },
};
test.each([
  [3, "2022-08-14"],
  [0, "2022-08-11"],
  [22, "2022-09-02"],
])("with %i days of grace it is looked at on %s", (days, day) => {
  expect(dueOn(loss, days)).toBe(day);
});

const facts: LossFacts = { member: true, watched: true, atWork: false, known: false };
test.each<[string, Partial<LossFacts>, string, string]>([
  ["no other work", {}, "2022-08-14", "raise"],
  ["other work", { atWork: true }, "2022-08-14", "has-work"],
  ["helped for it already", { known: true }, "2022-08-14", "known"],
  ["neither lifted nor monitored", { watched: false }, "2022-08-14", "not-watched"],
  ["left the household since", { member: false, watched: false }, "2022-08-14", "not-a-member"],
  ["told on the 90th day", {}, "2022-11-08", "raise"],
  ["told a day later: history", {}, "2022-11-09", "too-long-ago"],
])("M-05: a loss with %s, looked at on %3$s: %4$s", (_, more, today, outcome) => {
  expect(judgeLoss(loss, { ...facts, ...more }, { today: parseBusinessDate(today), newDays: 90 })).toBe(outcome);
});

test("the lead says what ended, when and why, and until when employment was heard", () => {
  const reasons = reasonsOf(loss, { graceDays: 3, document: "平台默认设置", heardOn: "2022-08-14", ableWorkers: 2 });
  expect(reasons).toMatchObject([
    {
      code: "work-lost",
      clause: "M-05",
      zh: expect.stringContaining("2022-08-10终止：被辞退或裁减"),
      en: expect.stringContaining("laid off"),
    },
    {
      code: "no-other-work",
      parameter: "lead.workLossGraceDays",
      facts: [{ value: 3 }, { value: "2022-08-14", source: "employment" }],
    },
  ]);
});
