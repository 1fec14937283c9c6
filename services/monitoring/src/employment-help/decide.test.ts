import { expect, test } from "vitest";
import { helpOfClaim, helpOfReturnee, helpOfWork } from "./decide.ts";

const claim = { status: "paid", paidOn: "2022-10-12", amountFen: 90_000 };
test.each([
  ["paid", claim, { word: "given", kind: "transport-subsidy", on: "2022-10-12", amountFen: 90_000 }],
  ["approved is no help yet", { ...claim, status: "approved", paidOn: null }, { word: "taken-back" }],
  ["clawed back is none any more", { ...claim, status: "clawed-back" }, { word: "taken-back" }],
])("M-06: a claim that is %s", (_, state, help) => {
  expect(helpOfClaim("transport-subsidy", state)).toMatchObject(help);
});

const work = { kind: "work-record", channel: "organised-export", from: "2022-03-05" } as const;
test.each([
  ["organised work away", work, { word: "given", kind: "organised-export", on: "2022-03-05" }],
  ["a workshop", { ...work, channel: "assistance-workshop" }, { word: "given", kind: "assistance-workshop" }],
  ["organised work that is void: a time without a day", { ...work, until: "2022-03-04" }, { word: "taken-back" }],
  ["organised work of one day", { ...work, until: "2022-03-05" }, { word: "given", kind: "organised-export" }],
  ["what somebody found themselves", { ...work, channel: "own-search" }, { word: "taken-back" }],
  [
    "a post from its first day",
    { ...work, kind: "post-holder", channel: "public-welfare-post" } as const,
    { kind: "public-welfare-post" },
  ],
])("M-06: %s", (_, state, help) => {
  expect(helpOfWork(state)).toMatchObject(help);
});

test.each([
  ["helping", { word: "given", kind: "returnee-help", on: "2022-08-20", epidemic: true }],
  ["filed", { word: "no-word" }],
  ["settled", { word: "no-word" }],
])("E-10: the file of somebody who came back, %s", (status, help) => {
  expect(helpOfReturnee({ status, epidemic: true }, "2022-08-20")).toMatchObject(help);
});
