import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { expect, test } from "vitest";
import { change, checkFormation, divisionsOwed, end, type TaskForce } from "./decide.ts";

const today = parseBusinessDate("2022-08-15");
const force: TaskForce = {
  id: "force",
  region: "451228000000",
  from: "2022-07-25",
  until: null,
  endedBecause: null,
  members: 3,
  version: 1,
};

test.each([
  ["the whole region", "45", 126],
  ["a city with its eleven counties", "4512", 12],
  ["a county", "451228", 1],
  ["a township owes none", "451228100", 0],
  ["a village owes none", "451228100003", 0],
])("divisions that are to have one in %s", (_what, area, n) => {
  expect(divisionsOwed(area)).toHaveLength(n);
});

test.each([
  ["the region", "450000000000", "2022-08-15", undefined],
  ["a city", "451200000000", "2022-07-25", undefined],
  ["a county", "451228000000", "2022-07-25", undefined],
  ["a township", "451228100000", "2022-07-25", "invalid-input"],
  ["no division", "459999000000", "2022-07-25", "unknown-division"],
  ["a county, from tomorrow", "451228000000", "2022-08-16", "invalid-input"],
])("formed for %s", (_what, region, from, code) => {
  expect(checkFormation({ region, from }, { today })?.code).toBe(code);
});

test("it changes while it stands, ends within its time, and then stays ended", () => {
  expect(change(force, 5)).toEqual({ ...force, members: 5, version: 2 });
  expect(end(force, { on: "2022-07-24", because: "文件", today })).toMatchObject({ code: "invalid-input" });
  expect(end(force, { on: "2022-08-16", because: "文件", today })).toMatchObject({ code: "invalid-input" });
  const over = end(force, { on: "2022-08-15", because: "文件", today });
  expect(over).toMatchObject({ until: "2022-08-15", version: 2 });
  expect(change({ ...force, until: "2022-08-15" }, 4)).toMatchObject({ code: "state-conflict" });
  expect(end({ ...force, until: "2022-08-15" }, { on: "2022-08-15", because: "文件", today })).toMatchObject({
    code: "state-conflict",
  });
});
