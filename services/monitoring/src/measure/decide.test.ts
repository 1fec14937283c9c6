import type { MeasureCategory } from "@shouwang/contract";
import { endOfDay, parseBusinessDate } from "@shouwang/service-kit/calendar";
import { describe, expect, test } from "vitest";
import type { RiskLead } from "../risk-lead/decide.ts";
import { firstMeasure, isDevelopment } from "./decide.ts";

const found = new Date("2022-08-01T22:00:00+08:00");
const lead: RiskLead = {
  id: "01825a10-7c00-7000-8000-000000000101",
  householdId: "01825a10-7c00-7000-8000-000000000001",
  region: "451228100003",
  source: "monthly-round",
  cause: "epidemic",
  epidemic: true,
  severity: "severe",
  status: "dispatched",
  ruleCode: null,
  explanation: [],
  foundAt: found,
  registeredAt: found,
  lateRegistration: false,
  gradedAt: found,
  dispatchedAt: found,
  dispatchedTo: "v1",
  verifiedAt: null,
  rejectedBecause: null,
  emergency: "required",
  emergencyDueAt: endOfDay(parseBusinessDate("2022-08-04")),
  firstMeasureAt: null,
  mergedInto: null,
  version: 2,
};
const given = (at: string) => ({ implementedAt: new Date(at) });

describe("the first measure for a severe lead found on 1 August at 22:00, due at the end of 4 August", () => {
  test.each([
    ["at the moment of discovery", "2022-08-01T22:00:00+08:00", true, 0],
    ["two hours and a half later", "2022-08-02T00:30:00+08:00", true, 150],
    ["in the last second of the limit", "2022-08-04T23:59:59+08:00", true, 4_440],
    ["in the last millisecond of the limit", "2022-08-04T23:59:59.999+08:00", true, 4_440],
    ["at the first instant after it", "2022-08-05T00:00:00+08:00", false, 4_440],
    ["a week later", "2022-08-08T22:00:00+08:00", false, 10_080],
  ])("%s", (_when, at, onTime, minutes) => {
    const outcome = firstMeasure(lead, given(at));
    expect(outcome).toMatchObject({
      counts: true,
      onTime,
      minutes,
      lead: { emergency: "helped", firstMeasureAt: new Date(at), version: 3 },
      reason: { clause: "M-03", code: onTime ? "first-measure-on-time" : "first-measure-late" },
    });
  });

  test("says how late it came", () => {
    expect(firstMeasure(lead, given("2022-08-05T01:10:00+08:00")).reason).toMatchObject({
      zh: "发现后75小时10分钟落实,逾期1小时11分钟",
      en: "Delivered 75 h 10 min after discovery, 1 h 11 min late",
    });
  });

  test("help given before the lead was found does not answer it", () => {
    expect(firstMeasure(lead, given("2022-08-01T21:59:59+08:00"))).toMatchObject({
      counts: false,
      reason: { code: "before-discovery" },
    });
  });

  test("a later measure is not the first; one that came earlier than the known first takes its place", () => {
    const helped: RiskLead = { ...lead, emergency: "helped", firstMeasureAt: new Date("2022-08-06T09:00:00+08:00") };
    expect(firstMeasure(helped, given("2022-08-07T09:00:00+08:00"))).toMatchObject({ reason: { code: "not-the-first" } });
    expect(firstMeasure(helped, given("2022-08-03T09:00:00+08:00"))).toMatchObject({ counts: true, onTime: true });
  });

  test.each([
    ["no emergency help is owed", { emergency: "none", emergencyDueAt: null }],
    ["the lead was turned away", { status: "rejected" }],
    ["the lead was merged", { status: "merged" }],
  ] as const)("nothing is answered where %s", (_why, change) => {
    expect(firstMeasure({ ...lead, ...change }, given("2022-08-02T09:00:00+08:00"))).toMatchObject({
      counts: false,
      reason: { code: "no-emergency-owed" },
    });
  });
});

test("industry, job, finance and post are development measures, the rest are not", () => {
  const all: MeasureCategory[] = ["industry", "job", "finance", "public-welfare-post", "health", "safety-net", "relocation"];
  expect(all.filter(isDevelopment)).toEqual(["industry", "job", "finance", "public-welfare-post"]);
});
