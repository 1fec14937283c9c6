import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { describe, expect, test } from "vitest";
import {
  dispatch,
  type EmergencySettings,
  emergencyClock,
  grade,
  identificationDays,
  isLateRegistration,
  type RiskLead,
  runsAsSevere,
  verify,
} from "./decide.ts";

const settings: EmergencySettings = {
  days: 3,
  causes: ["epidemic"],
  clockStart: "foundAt",
  dayKind: "calendar",
  remindHoursBefore: 24,
  cityAfterHours: 24,
  document: "plan",
};
const at = (text: string) => new Date(`${text}+08:00`);
const lead: RiskLead = {
  id: "01825a10-7c00-7000-8000-000000000001",
  householdId: "01825a10-7c00-7000-8000-000000000002",
  region: "451228100003",
  source: "monthly-round",
  cause: "unstable-work",
  epidemic: true,
  severity: "severe",
  status: "registered",
  ruleCode: null,
  explanation: [],
  foundAt: at("2022-08-01T22:00:00"),
  registeredAt: at("2022-08-01T22:10:00"),
  lateRegistration: false,
  gradedAt: null,
  dispatchedAt: null,
  dispatchedTo: null,
  verifiedAt: null,
  rejectedBecause: null,
  emergency: "none",
  emergencyDueAt: null,
  firstMeasureAt: null,
  mergedInto: null,
  version: 1,
};

describe("M-03: until when the first measure is owed", () => {
  test.each([
    ["found in the evening: three whole days follow", "2022-08-01T22:00:00", "2022-08-04T23:59:59.999"],
    ["found in the first minute of a day: that day does not count either", "2022-08-01T00:00:00", "2022-08-04T23:59:59.999"],
    ["found in the last second of a day", "2022-08-01T23:59:59", "2022-08-04T23:59:59.999"],
    ["over the end of a month", "2022-08-30T10:00:00", "2022-09-02T23:59:59.999"],
    ["over National Day: natural days, no shift", "2022-09-29T10:00:00", "2022-10-02T23:59:59.999"],
  ])("%s", (_, found, due) => {
    const clock = emergencyClock({ ...lead, foundAt: at(found) }, settings);
    expect(clock).toMatchObject({ owed: true, dueAt: at(due) });
  });

  test.each([
    ["general hardship", { ...lead, severity: "general" as const }],
    ["ungraded", { ...lead, severity: "ungraded" as const }],
    ["severe, but not by the epidemic", { ...lead, epidemic: false }],
    ["illness while the settings name the epidemic only", { ...lead, epidemic: false, cause: "illness" as const }],
  ])("not owed: %s", (_, other) => {
    expect(emergencyClock(other, settings).owed).toBe(false);
  });

  test("other causes start the clock where the settings name them", () => {
    const wider = { ...settings, causes: ["epidemic", "disaster"] };
    expect(emergencyClock({ ...lead, epidemic: false, cause: "natural-disaster" }, wider).owed).toBe(true);
  });

  test("with the clock starting at verification nothing is owed before it", () => {
    const later = { ...settings, clockStart: "verifiedAt" };
    expect(emergencyClock(lead, later).owed).toBe(false);
    expect(emergencyClock({ ...lead, verifiedAt: at("2022-08-03T09:00:00") }, later)).toMatchObject({
      dueAt: at("2022-08-06T23:59:59.999"),
    });
  });

  test("in working days where the settings say so: over National Day it ends on the Sunday worked in exchange", () => {
    const clock = emergencyClock({ ...lead, foundAt: at("2022-09-29T10:00:00") }, { ...settings, dayKind: "working" });
    expect(clock).toMatchObject({ dueAt: at("2022-10-09T23:59:59.999"), reason: { zh: expect.stringContaining("3个工作日") } });
  });

  test("re-grading from general to severe starts a new clock at the re-grading", () => {
    const graded = grade({ ...lead, severity: "general" }, "severe", { now: at("2022-08-10T08:00:00"), settings });
    expect(graded).toMatchObject({ emergency: "required", emergencyDueAt: at("2022-08-13T23:59:59.999"), version: 2 });
  });

  test("grading an ungraded lead as severe counts from its discovery", () => {
    const graded = grade({ ...lead, severity: "ungraded" }, "severe", { now: at("2022-08-02T08:00:00"), settings });
    expect(graded).toMatchObject({ emergencyDueAt: at("2022-08-04T23:59:59.999") });
  });

  test("the grade of a helped lead does not ask for help again", () => {
    expect(grade({ ...lead, emergency: "helped" }, "severe", { now: at("2022-08-10T08:00:00"), settings })).toMatchObject({
      emergency: "helped",
    });
  });
});

describe("M-03: days the whole identification may take", () => {
  test.each([
    ["of any other case", false, 7, 15],
    ["of an epidemic case, by the days set for it", true, 7, 7],
    ["of an epidemic case while none are set", true, null, 15],
    ["never more than of the others", true, 20, 15],
  ])("%s", (_, epidemic, urgent, days) => {
    expect(identificationDays(epidemic, { total: 15, urgent })).toBe(days);
  });
});

describe("M-03: registration and grading in good time", () => {
  test.each([
    ["the same day", "2022-08-01T23:00:00", false],
    ["the next day", "2022-08-02T23:59:59", false],
    ["the day after that", "2022-08-03T00:00:00", true],
  ])("registered %s → late: %s", (_, now, late) => {
    expect(isLateRegistration(lead.foundAt, at(now), 1)).toBe(late);
  });

  test.each([
    ["one second before 24 hours", "2022-08-02T22:09:59", false],
    ["after exactly 24 hours", "2022-08-02T22:10:00", true],
  ])("an ungraded epidemic lead runs as severe %s: %s", (_, now, severe) => {
    expect(runsAsSevere({ ...lead, severity: "ungraded" }, at(now), 24)).toBe(severe);
  });

  test.each([
    ["by its cause alone", { epidemic: false, cause: "epidemic" as const }, true],
    ["not the epidemic's", { epidemic: false }, false],
    ["graded general", { severity: "general" as const }, false],
    ["handed on", { status: "dispatched" as const }, true],
    ["turned away", { status: "rejected" as const }, false],
    ["verified", { status: "verified" as const }, false],
  ])("after its hours, a lead %s: %s", (_, more, severe) => {
    expect(runsAsSevere({ ...lead, severity: "ungraded", ...more }, at("2022-08-05T00:00:00"), 24)).toBe(severe);
  });
});

describe("verification", () => {
  const dispatched: RiskLead = { ...lead, status: "dispatched" };
  const given = {
    team: ["a", "b"],
    visitedOn: parseBusinessDate("2022-08-02"),
    isTownship: false,
    now: at("2022-08-02T15:00:00"),
    settings,
    outcome: "at-risk" as const,
  };

  test("two people find the risk real", () => {
    expect(verify(dispatched, given)).toMatchObject({ status: "verified", version: 2 });
  });
  test.each([
    ["one person", { ...given, team: ["a"] }, "verification-needs-two"],
    ["the same person named twice", { ...given, team: ["a", "a"] }, "verification-needs-two"],
    ["a visit of tomorrow", { ...given, visitedOn: parseBusinessDate("2022-08-03") }, "visit-in-future"],
    ["a village turning the lead away", { ...given, outcome: "not-at-risk" as const }, "role-not-allowed"],
  ])("refused: %s", (_, wrong, code) => {
    expect(verify(dispatched, wrong)).toMatchObject({ code });
  });
  test("the township turns the lead away, with the reason", () => {
    expect(verify(dispatched, { ...given, outcome: "not-at-risk", isTownship: true })).toMatchObject({
      status: "rejected",
      rejectedBecause: "not-at-risk",
    });
  });
  test("a lead that is not dispatched is not verified, and one that is verified is not dispatched", () => {
    expect(verify(lead, given)).toMatchObject({ code: "lead-state" });
    expect(dispatch({ ...lead, status: "verified" }, { to: "x", now: given.now })).toMatchObject({ code: "lead-state" });
  });
});
