import { ReferralNeed, type ReferralStatus, ReferredDepartment, Refusal } from "@shouwang/contract";
import { addDays, businessDate, endOfDay, parseBusinessDate } from "@shouwang/service-kit/calendar";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { needs } from "./code-lists.ts";
import { answer, close, deliver, giveBack, isOverdue, type Referral, receive, replyDue, sendAgain } from "./decide.ts";

const day = parseBusinessDate;
const now = new Date("2022-08-16T10:00:00+08:00");
const referral = (more: Partial<Referral> = {}): Referral => ({
  id: "01825a10-7c00-7000-8000-000000000025",
  householdId: "01825a10-7c00-7000-8000-000000000001",
  region: "451228100003",
  personId: null,
  leadId: null,
  caseId: null,
  planItemId: null,
  department: "civil-affairs",
  office: "都安县民政局社会救助股",
  need: "temporary-relief",
  status: "sent",
  sentBy: "issuer|village",
  sentAt: new Date("2022-08-15T09:00:00+08:00"),
  dueOn: day("2022-08-25"),
  receivedAt: null,
  answeredAt: null,
  outcome: null,
  deliverBy: null,
  document: null,
  documentDate: null,
  deliveredAt: null,
  measureId: null,
  closedAt: null,
  closedBecause: null,
  version: 3,
  ...more,
});

describe("the day a reply is due", () => {
  const due = (emergencyDueOn: string | null, days = 10) => {
    const emergencyDueAt = emergencyDueOn === null ? null : endOfDay(day(emergencyDueOn));
    const { dueOn, reason } = replyDue({ today: day("2022-08-15"), days, document: "平台默认设置", emergencyDueAt });
    return [dueOn, reason.code, reason.parameter];
  };
  test.each([
    ["no lead is owed help: the days in force, the first not counted", null, 10, "2022-08-25", "reply-due"],
    ["no days at all: the same day", null, 0, "2022-08-15", "reply-due"],
    ["over the end of a month", null, 20, "2022-09-04", "reply-due"],
    ["the emergency limit comes first", "2022-08-18", 10, "2022-08-18", "reply-due-by-emergency"],
    ["the emergency limit is on the same day", "2022-08-25", 10, "2022-08-25", "reply-due"],
    ["the emergency limit comes after", "2022-08-26", 10, "2022-08-25", "reply-due"],
    ["the emergency limit is today", "2022-08-15", 10, "2022-08-15", "reply-due-by-emergency"],
    ["the emergency limit has passed: today", "2022-08-12", 10, "2022-08-15", "reply-due-by-emergency"],
  ])("%s", (_, emergency, days, dueOn, code) => {
    expect(due(emergency, days)).toEqual([dueOn, code, code === "reply-due" ? "referral.replyDays" : "emergency.days"]);
  });

  test("is never before today, and never after either limit", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.option(fc.integer({ min: -30, max: 60 })), (days, emergency) => {
        const today = day("2022-08-15");
        const emergencyOn = emergency === null ? undefined : addDays(today, emergency);
        const emergencyDueAt = emergencyOn ? endOfDay(emergencyOn) : null;
        const { dueOn } = replyDue({ today, days, document: "d", emergencyDueAt });
        expect(dueOn >= today).toBe(true);
        expect(dueOn <= addDays(today, days)).toBe(true);
        if (emergencyOn && emergencyOn >= today) expect(dueOn <= emergencyOn).toBe(true);
      }),
    );
  });

  test.each([
    ["sent", "2022-08-25", false],
    ["sent", "2022-08-26", true],
    ["received", "2022-08-26", true],
    ["accepted", "2022-08-26", false],
    ["returned", "2022-08-26", false],
    ["closed", "2022-08-26", false],
  ] as const)("%s on %s is overdue: %s", (status, today, overdue) => {
    expect(isOverdue(referral({ status }), day(today))).toBe(overdue);
  });
});

const paper = { document: "都民函〔2022〕3号", documentDate: "2022-08-16" };
const measureId = "01825a10-7c00-7000-8000-000000000009";
const steps = {
  receive: (one: Referral) => receive(one, now),
  giveBack: (one: Referral) => giveBack(one, now),
  accept: (one: Referral) => answer(one, { accepted: true, deliverBy: day("2022-08-20") }, now),
  decline: (one: Referral) => answer(one, { accepted: false, outcome: "not-entitled", ...paper }, now),
  deliver: (one: Referral) => deliver(one, { ...paper, deliveredAt: now, measureId }),
  sendAgain: (one: Referral) => {
    const to = { department: "emergency", office: "都安县应急管理局", need: "disaster-relief" } as const;
    return sendAgain(one, { ...to, dueOn: day("2022-08-26"), by: "issuer|other", now });
  },
  arrived: (one: Referral) => close(one, "arrived", now),
  declined: (one: Referral) => close(one, "declined", now),
  withdrawn: (one: Referral) => close(one, "withdrawn", now),
  "household-closed": (one: Referral) => close(one, "household-closed", now),
} satisfies Record<string, (one: Referral) => Referral | Refusal>;

/** What each step makes of a referral in each state; what is not named is refused. */
const life: Record<ReferralStatus, Partial<Record<keyof typeof steps, ReferralStatus>>> = {
  sent: {
    ...{ receive: "received", giveBack: "returned", accept: "accepted", decline: "declined" },
    ...{ withdrawn: "closed", "household-closed": "closed" },
  },
  received: { giveBack: "returned", accept: "accepted", decline: "declined", withdrawn: "closed", "household-closed": "closed" },
  returned: { sendAgain: "sent", withdrawn: "closed", "household-closed": "closed" },
  accepted: { deliver: "delivered", withdrawn: "closed", "household-closed": "closed" },
  declined: { declined: "closed", "household-closed": "closed" },
  delivered: { arrived: "closed", "household-closed": "closed" },
  closed: {},
};

describe.each(Object.entries(life))("a referral that is %s", (status, allowed) => {
  test.each(Object.entries(steps))("%s", (name, step) => {
    // Safe: both are the keys of the tables above.
    const before = referral({ status: status as ReferralStatus });
    const after = step(before);
    const to = allowed[name as keyof typeof steps];
    if (to === undefined) {
      expect(after).toBeInstanceOf(Refusal);
      expect(after).toMatchObject({ code: "referral-state" });
    } else expect(after).toMatchObject({ status: to, version: before.version + 1 });
  });
});

test("an answer to what nobody had taken in takes it in; help that came stands with its document", () => {
  expect(steps.accept(referral())).toMatchObject({ receivedAt: now, answeredAt: now, outcome: null, deliverBy: "2022-08-20" });
  expect(steps.decline(referral())).toMatchObject({ outcome: "not-entitled", ...paper });
  expect(steps.deliver(referral({ status: "accepted" }))).toMatchObject({
    outcome: "helped",
    measureId,
    deliveredAt: now,
    ...paper,
  });
});

test("sent again, it is another department's, with a new day and nobody's yet", () => {
  const before = referral({ status: "returned", receivedAt: now });
  expect(steps.sendAgain(before)).toMatchObject({
    ...{ department: "emergency", need: "disaster-relief", dueOn: "2022-08-26" },
    ...{ receivedAt: null, sentBy: "issuer|other", sentAt: now },
  });
});

test("whatever is done in whatever order, versions have no gap and help delivered is never lost", () => {
  const names = fc.constantFrom(...(Object.keys(steps) as (keyof typeof steps)[])); // Safe: the table's own keys.
  fc.assert(
    fc.property(fc.array(names, { maxLength: 12 }), (done) => {
      let one = referral({ version: 1 });
      let taken = 0;
      for (const name of done) {
        const after = steps[name](one);
        if (after instanceof Refusal) continue;
        taken += 1;
        if (one.measureId !== null) expect(after.measureId).toBe(one.measureId);
        one = after;
      }
      expect(one.version).toBe(1 + taken);
      expect(one.status === "closed").toBe(one.closedBecause !== null);
      expect(one.measureId === null).toBe(one.deliveredAt === null);
      if (one.deliveredAt) expect(businessDate(one.deliveredAt)).toBe("2022-08-16");
    }),
  );
});

test("every need is one department's, and every department has one", () => {
  expect(Object.keys(needs).sort()).toEqual([...ReferralNeed.options].sort());
  expect([...new Set(Object.values(needs).map(({ department }) => department))].sort()).toEqual(
    [...ReferredDepartment.options].sort(),
  );
});
