import {
  EmploymentAuditHeadPublished,
  LabourSubsidyPaid,
  PostHolderLeft,
  PostHolderStarted,
  PostPayPaid,
  ReturneeFound,
  ReturneeHelped,
  TrainingFinished,
  TransportSubsidyApproved,
  TransportSubsidyClawedBack,
  TransportSubsidyPaid,
  WorkRecordChanged,
  WorkRecordEnded,
  WorkRecordStarted,
  WorkRecordVoided,
} from "@shouwang/contract";
import { addDays, businessDate, operate, parseBusinessDate, system } from "@shouwang/service-kit";
import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { includedCase } from "./case.testing.ts";
import {
  type Couple,
  claimOf,
  registeredPair,
  startToldOffice,
  type ToldOffice,
  transport,
  type Work,
  workOf,
} from "./employment.testing.ts";
import { admin } from "./focus-household/focus.testing.ts";
import { monitoring } from "./index.ts";
import { township, village } from "./people.testing.ts";

let office: ToldOffice;
beforeAll(async () => {
  office = await startToldOffice("2022-10-20");
});
afterAll(() => office.stop());
const asVillage = () => office.as("village-officer", village);
const ok = (reply: { status: number; json: Record<string, unknown> }) => {
  expect([200, 201], JSON.stringify(reply.json)).toContain(reply.status);
  return reply.json;
};

const couple = (more: Record<string, unknown> = {}): Promise<Couple> => registeredPair(office, more);
const incomesOf = async ({ householdId }: Couple) => ok(await asVillage().get(`/households/${householdId}/incomes`));

describe("M-05: what employment paid is income of the household", () => {
  test("when it is paid and not when it is approved, once however often and in whichever order it is told, until it is clawed back", async () => {
    const about = await couple();
    const paid = transport(about);
    const approved = { ...paid, status: "approved" as const, paidOn: null };
    const { claimId } = paid;
    await office.tell([TransportSubsidyApproved.of(claimId, 1, village, approved)]);
    await office.settled();
    expect((await incomesOf(about))["credits"]).toEqual([]);

    const told = office.employment.envelope(TransportSubsidyPaid.of(claimId, 2, village, paid));
    await office.repeat(told, told, { ...told, id: uuidv7() });
    await office.tell([TransportSubsidyApproved.of(claimId, 1, village, approved)]);
    await office.settled();
    const line = {
      sourceDepartment: "employment",
      sourceId: claimId,
      line: "transport-subsidy",
      amountFen: 90_000,
      title: { zh: "稳岗就业·往返交通补助,2022-10-12到账", en: "employment, transport subsidy, paid on 2022-10-12" },
      incomeYear: 2022,
      clawedBackOn: null,
    };
    const shown = await incomesOf(about);
    expect(shown["credits"]).toEqual([expect.objectContaining(line)]);
    expect(shown["creditedByYear"]).toEqual([{ year: 2022, amountFen: 90_000 }]);
    const file = ok(await asVillage().get(`/households/${about.householdId}/file`));
    expect(file["credits"]).toEqual([expect.objectContaining(line)]);

    const back = { ...paid, status: "clawed-back" as const };
    await office.tell([
      TransportSubsidyClawedBack.of(claimId, 3, village, back),
      TransportSubsidyPaid.of(claimId, 2, village, paid),
    ]);
    await office.settled();
    const after = await incomesOf(about);
    expect(after["credits"]).toEqual([expect.objectContaining({ sourceId: claimId, clawedBackOn: "2022-10-20" })]);
    expect(after["creditedByYear"]).toEqual([]);
  });

  test("is taken into the record of its period without doubling what the household says; told later, the record and it are shown to differ", async () => {
    const about = await couple();
    const subsidy = claimOf(about, { amountFen: 30_000, paidOn: "2022-09-28" });
    const wage = claimOf(about, { amountFen: 80_000, paidOn: "2022-09-15" });
    await office.tell([
      LabourSubsidyPaid.of(subsidy.claimId, 3, village, { ...subsidy, month: "2022-08" }),
      PostPayPaid.of(wage.claimId, 3, village, { ...wage, postId: uuidv7(), month: "2022-08", days: 22 }),
    ]);
    await office.settled();
    const path = `/households/${about.householdId}/incomes`;
    const month = { kind: "monthly", from: "2022-09-01", until: "2022-09-30" };
    const lines = [
      { line: "work-wage", amountFen: 300_000 },
      { line: "labour-subsidy", amountFen: 30_000 },
      { line: "village-post", amountFen: 100_000 },
    ];
    const recorded = ok(await asVillage().post(path, { ...month, lines }));
    expect(recorded).toMatchObject({ wageFen: 400_000, transferFen: 30_000, netFen: 430_000 });
    expect(recorded["reasons"]).toMatchObject([
      { code: "credited-by-department", clause: "M-05", facts: [{ value: 30_000, source: "employment", date: "2022-09-28" }] },
      { code: "credited-by-department", facts: [{ value: 80_000, date: "2022-09-15" }] },
    ]);
    const opened = ok(await asVillage().get(`${path}/${recorded["incomeId"]}`));
    expect(opened["lines"]).toEqual([
      expect.objectContaining({
        line: "labour-subsidy",
        amountFen: 30_000,
        sourceDepartment: "employment",
        sourceId: subsidy.claimId,
      }),
      expect.objectContaining({ line: "village-post", amountFen: 80_000, sourceId: wage.claimId }),
      expect.objectContaining({ line: "work-wage", amountFen: 300_000, sourceDepartment: null }),
      expect.objectContaining({ line: "village-post", amountFen: 20_000, sourceDepartment: null }),
    ]);

    const late = transport(about, { paidOn: "2022-09-30" });
    await office.tell([TransportSubsidyPaid.of(late.claimId, 4, village, late)]);
    await office.settled();
    const [item] = (await incomesOf(about))["items"] as Record<string, unknown>[];
    expect(item).toMatchObject({ netFen: 430_000, unsettled: [{ sourceId: late.claimId, amountFen: 90_000 }] });
    const sums = { wageFen: 400_000, businessFen: 0, propertyFen: 0, transferFen: 30_000, businessCostFen: 0 };
    const corrected = ok(await asVillage().post(path, { ...month, ...sums, reason: "补记部门发放" }));
    expect(corrected).toMatchObject({ incomeId: recorded["incomeId"], wageFen: 400_000, transferFen: 120_000 });
    expect((await incomesOf(about))["items"]).toMatchObject([{ unsettled: [] }]);
  });
});

const fileOf = async ({ householdId }: Pick<Couple, "householdId">) =>
  ok(await asVillage().get(`/households/${householdId}/file`));
const leadsOf = async ({ householdId }: Pick<Couple, "householdId">) =>
  ok(await asVillage().get(`/risk-leads?householdId=${householdId}`))["items"] as Record<string, unknown>[];
/** Employment is heard of today, with nothing else to say. */
const heard = () => {
  const auditId = uuidv7();
  const head = { auditId, sealed: 1, head: "0".repeat(64), sealedAt: office.now().toISOString() };
  return office.tell([EmploymentAuditHeadPublished.of(auditId, 1, "450000000000", head)]);
};
const outcomeOf = async (sourceId: string) =>
  (await admin(office, "select outcome from monitoring.work_loss where source_id = $1", [sourceId]))[0]?.["outcome"];
/** What came of a loss, once it was looked at. */
const settledAs = (sourceId: string) => until(() => outcomeOf(sourceId), { what: "the loss to be looked at", timeoutMs: 30_000 });

describe("M-04b, M-06: what employment does for a household is help", () => {
  test("credited with its day when it reached the household, once for each record, and counts for nothing once it is taken back", async () => {
    const about = await couple();
    const postHolderId = uuidv7();
    const holder = { postHolderId, postId: uuidv7(), personId: about.spouseId, householdId: about.householdId, region: village };
    const post = { ...holder, from: "2022-09-01", until: null, status: "active" as const, leftBecause: null };
    const [trainingId, returneeId] = [uuidv7(), uuidv7()];
    const person = { personId: about.personId, householdId: about.householdId, region: village };
    const course = { trainingId, ...person, brand: "housekeeper" as const, days: 12, certified: true, finishedOn: "2022-06-24" };
    const returnee = { returneeId, ...person, returnedOn: "2022-07-30", epidemic: false, wish: "training" as const };
    const subsidy = transport(about);
    const trained = office.employment.envelope(TrainingFinished.of(trainingId, 1, village, course));
    await office.tell([
      PostHolderStarted.of(postHolderId, 1, village, post),
      ReturneeHelped.of(returneeId, 3, village, { ...returnee, status: "helping" }),
      TransportSubsidyPaid.of(subsidy.claimId, 2, village, subsidy),
    ]);
    await office.repeat(trained, trained);
    await office.settled();
    const measures = async () => (await fileOf(about))["measures"] as Record<string, unknown>[];
    expect(await measures()).toMatchObject([
      { category: "job", sourceKind: "returnee-help", implementedAt: "2022-10-19T16:00:00.000Z", sourceDepartment: "employment" },
      {
        category: "job",
        sourceKind: "transport-subsidy",
        implementedAt: "2022-10-11T16:00:00.000Z",
        amountFen: 90_000,
        development: true,
      },
      { category: "public-welfare-post", sourceKind: "public-welfare-post", personId: about.spouseId, sourceId: postHolderId },
      { category: "job", sourceKind: "training", implementedAt: "2022-06-23T16:00:00.000Z", takenBackOn: null },
    ]);
    const delivered = async () =>
      (await office.outbox()).filter(
        ({ type, data }) => type.includes("measure.delivered") && data["householdId"] === about.householdId,
      );
    expect(await delivered()).toHaveLength(4);
    // What is told is told in business time: readers take its day for the day of the telling.
    const times = await admin(office, "select envelope::json ->> 'time' as time from kit.outbox");
    expect(new Set(times.map(({ time }) => businessDate(new Date(String(time)))))).toEqual(new Set([office.today()]));

    const left = { ...post, until: "2022-10-18", status: "left" as const, leftBecause: "work-away" as const };
    await office.tell([
      PostHolderLeft.of(postHolderId, 2, village, left),
      TransportSubsidyClawedBack.of(subsidy.claimId, 3, village, { ...subsidy, status: "clawed-back" }),
    ]);
    await office.settled();
    expect((await measures()).map(({ sourceKind, takenBackOn }) => [sourceKind, takenBackOn])).toEqual([
      ["returnee-help", null],
      ["transport-subsidy", "2022-10-20"],
      ["public-welfare-post", null],
      ["training", null],
    ]);
    expect(await delivered()).toHaveLength(4);
  });

  test("counts with the help that monitored households were given since inclusion, and focus households in the year", async () => {
    const figures = async () => {
      const { json } = await office.as("county-officer", "451228").get("/clauses");
      const all = (json["clauses"] as { indicators: { code: string; numerator?: number; denominator?: number }[] }[]).flatMap(
        ({ indicators }) => indicators,
      );
      return ["M-04b-development", "M-04b-job", "M-06-job"].map((code) => {
        const { numerator, denominator } = all.find((one) => one.code === code) ?? {};
        return [code, numerator, denominator];
      });
    };
    const about = await couple();
    await includedCase(office, "2022-10-10", about);
    const monitored = "update monitoring.household set monitored_kind = 'unstable-lifted' where id = $1";
    await admin(office, monitored, [about.householdId]);
    expect(await figures()).toEqual([
      ["M-04b-development", 0, 1],
      ["M-04b-job", 0, 1],
      ["M-06-job", 0, 0],
    ]);
    const [before, after] = [transport(about, { paidOn: "2022-10-09" }), transport(about, { paidOn: "2022-10-10", year: 2021 })];
    const focus = `insert into monitoring.focus_household (id, household_id, region, year, criteria, listed_on, version) values (uuidv7(), $1, $2, 2022, '{income-low}', '2022-08-01', 1)`;
    await admin(office, focus, [about.householdId, village]);
    await office.tell([TransportSubsidyPaid.of(before.claimId, 1, village, before)]);
    await office.settled();
    expect(await figures()).toEqual([
      ["M-04b-development", 0, 1],
      ["M-04b-job", 0, 1],
      ["M-06-job", 1, 1],
    ]);
    await office.tell([TransportSubsidyPaid.of(after.claimId, 1, village, after)]);
    await office.settled();
    expect((await figures()).slice(0, 2)).toEqual([
      ["M-04b-development", 1, 1],
      ["M-04b-job", 1, 1],
    ]);
  });
});

/** Waits until losses were looked at, as employment is heard until a day: another household's, long due, is. */
async function lookedAt(day: string): Promise<void> {
  const record = workOf(await couple(), { until: addDays(parseBusinessDate(day), -10), endedBecause: "laid-off" });
  await office.tell([WorkRecordEnded.of(record.workRecordId, 1, village, record)], day);
  expect(await settledAs(record.workRecordId)).toBe("lead-registered");
}

describe("M-05: work that was lost", () => {
  test("becomes one lead of the household after the days of grace, given to whoever goes round there with three days to verify it", async () => {
    const about = await couple();
    ok(await asVillage().post("/grid-assignments", { subject: "grid-lost", householdIds: [about.householdId] }));
    const record = workOf(about);
    const { workRecordId } = record;
    await office.tell([WorkRecordStarted.of(workRecordId, 1, village, record)], "2022-03-05");
    await office.settled();
    expect((await fileOf(about))["work"]).toMatchObject([
      { personId: about.personId, atWork: true, scope: "outside-region", channel: "own-search", since: "2022-03-05" },
    ]);
    const lost = { ...record, until: office.today(), endedBecause: "laid-off" as const };
    const spouses = workOf({ ...about, personId: about.spouseId }, { until: office.today(), endedBecause: "health" });
    await office.tell([
      WorkRecordEnded.of(workRecordId, 2, village, lost),
      WorkRecordEnded.of(spouses.workRecordId, 1, village, spouses),
      WorkRecordStarted.of(workRecordId, 1, village, record),
    ]);
    await office.settled();
    await office.advance(3);
    await heard();
    await lookedAt(office.today());
    expect(await outcomeOf(workRecordId)).toBeNull();
    // The day has come, and employment may yet say that there is other work: it is waited for.
    const yesterday = office.today();
    await office.advance(1);
    await lookedAt(yesterday);
    expect(await outcomeOf(workRecordId)).toBeNull();
    await heard();
    expect([await settledAs(workRecordId), await settledAs(spouses.workRecordId)].toSorted()).toEqual([
      "joined-lead",
      "lead-registered",
    ]);
    const [lead, ...more] = await leadsOf(about);
    expect(more).toEqual([]);
    expect(lead).toMatchObject({
      ...{ source: "department-warning", cause: "unstable-work", severity: "general", epidemic: false, ruleCode: "work-lost" },
      ...{ status: "dispatched", dispatchedTo: "grid-lost" },
    });
    const why = lead?.["explanation"] as { code: string; zh: string; en: string; clause: string; facts: unknown[] }[];
    expect(why.filter(({ code }) => code === "work-lost")).toHaveLength(2);
    expect(why[0]).toMatchObject({
      clause: "M-05",
      zh: expect.stringContaining("终止"),
      en: expect.stringContaining("ended on 2022-10-20"),
      facts: expect.arrayContaining([expect.objectContaining({ source: "employment", date: "2022-10-20" })]),
    });
    const [clock] = await admin(
      office,
      "select due_at from kit.deadline where kind = 'verify-lead' and entity_id = $1 and state = 'open'",
      [lead?.["leadId"]],
    );
    expect(businessDate(new Date(String(clock?.["due_at"])))).toBe("2022-10-27");
    expect((await fileOf(about))["work"]).toMatchObject([
      { atWork: false, lastUntil: "2022-10-20", endedBecause: "laid-off" },
      { atWork: false, endedBecause: "health" },
    ]);

    // Found false: neither the same record told anew, nor the same time without work told of by another, raises it again.
    const asTownship = office.as("township-officer", township);
    const visit = { visitedOn: office.today(), team: ["a", "b"], outcome: "not-at-risk" };
    ok(await asTownship.post(`/risk-leads/${lead?.["leadId"]}/verification`, visit));
    const returneeId = uuidv7();
    const back = { ...{ returneeId, personId: about.personId, householdId: about.householdId }, region: village, wish: null };
    await office.tell([
      WorkRecordChanged.of(workRecordId, 3, village, { ...lost, monthlyWageFen: 380_000 }),
      ReturneeFound.of(returneeId, 1, village, { ...back, returnedOn: "2022-10-20", epidemic: true, status: "found" }),
    ]);
    expect(await settledAs(returneeId)).toBe("known");
    expect(await leadsOf(about)).toHaveLength(1);
  });

  test("raises none where there is other work, where nobody watches the household, and long after; an epidemic one stops the wage in the income watch until there is work", async () => {
    const today = office.today();
    const yesterday = addDays(parseBusinessDate(today), -1);
    const [busy, post, ordinary, old, hit] = [
      await couple(),
      await couple(),
      await couple({ householdKind: "ordinary-household" }),
      await couple(),
      await couple(),
    ];
    const lost = (about: Couple, more: Partial<Work> = {}) =>
      workOf(about, { until: addDays(parseBusinessDate(today), -6), endedBecause: "laid-off", ...more });
    const [a, b, c, d, e] = [
      lost(busy),
      lost(post),
      lost(ordinary),
      lost(old, { until: "2022-03-31" }),
      lost(hit, { endedBecause: "epidemic" }),
    ];
    const holder = {
      postHolderId: uuidv7(),
      postId: uuidv7(),
      personId: post.personId,
      householdId: post.householdId,
      region: village,
    };
    const again = workOf(busy, { from: yesterday });
    // Told in the wrong order: the new work first, and the old one's end twice.
    await office.tell([
      WorkRecordStarted.of(again.workRecordId, 1, village, again),
      PostHolderStarted.of(holder.postHolderId, 1, village, {
        ...holder,
        from: yesterday,
        until: null,
        status: "active",
        leftBecause: null,
      }),
      ...[a, b, c, d, e].map((record) => WorkRecordEnded.of(record.workRecordId, 2, village, record)),
      ...[a, e].map((record) => WorkRecordEnded.of(record.workRecordId, 2, village, record)),
    ]);
    const outcomes = [];
    for (const { workRecordId } of [a, b, c, d, e]) outcomes.push(await settledAs(workRecordId));
    expect(outcomes).toEqual(["has-work", "has-work", "not-watched", "too-long-ago", "lead-registered"]);
    const leads = [];
    for (const about of [busy, post, ordinary, old]) leads.push(...(await leadsOf(about)));
    expect(leads).toEqual([]);
    // In nobody's grid: it goes to whoever has been grid worker of the village the longest.
    expect(await leadsOf(hit)).toMatchObject([{ epidemic: true, status: "dispatched", dispatchedTo: "grid-lost" }]);
    const stops = () =>
      admin(
        office,
        "select from_date::text as since, until_date::text as until, epidemic from monitoring.wage_stop where source_id = $1",
        [e.workRecordId],
      );
    expect(await stops()).toEqual([{ since: addDays(parseBusinessDate(today), -5), until: null, epidemic: true }]);
    const found = workOf(hit, { from: today });
    await office.tell([WorkRecordStarted.of(found.workRecordId, 1, village, found)]);
    await office.settled();
    expect(await stops()).toMatchObject([{ until: yesterday }]);
  });

  test("that turns out to be none before it is looked at raises nothing, and does when it is one after all; a restart looks at nothing twice", async () => {
    const about = await couple();
    const record = workOf(about, { until: office.today(), endedBecause: "laid-off" });
    const { workRecordId } = record;
    const family = { ...record, endedBecause: "family" as const };
    await office.tell([
      WorkRecordEnded.of(workRecordId, 1, village, record),
      WorkRecordChanged.of(workRecordId, 2, village, family),
    ]);
    await office.settled();
    expect(await outcomeOf(workRecordId)).toBe("told-otherwise");
    const mistaken = workOf(await couple(), { until: office.today(), endedBecause: "laid-off" });
    await office.tell([
      WorkRecordEnded.of(mistaken.workRecordId, 1, village, mistaken),
      WorkRecordVoided.of(mistaken.workRecordId, 2, village, { ...mistaken, status: "void" }),
    ]);
    await office.settled();
    expect(await outcomeOf(mistaken.workRecordId)).toBe("told-otherwise");
    await office.tell([WorkRecordChanged.of(workRecordId, 3, village, record)]);
    await office.settled();
    expect(await outcomeOf(workRecordId)).toBeNull();
    await office.advance(4);
    await heard();
    expect(await settledAs(workRecordId)).toBe("lead-registered");
    await office.restart();
    await office.tell([
      WorkRecordEnded.of(workRecordId, 1, village, record),
      WorkRecordChanged.of(workRecordId, 4, village, record),
    ]);
    await heard();
    await office.settled();
    expect(await leadsOf(about)).toHaveLength(1);
  });
});

describe("what employment told", () => {
  test("goes with the person and the household, and makes the same again when it is folded from the beginning", async () => {
    const about = await couple();
    const [record, subsidy] = [workOf(about), transport(about)];
    await office.tell([
      WorkRecordStarted.of(record.workRecordId, 1, village, record),
      TransportSubsidyPaid.of(subsidy.claimId, 1, village, subsidy),
    ]);
    await office.settled();
    const elsewhere = "451228100004";
    await office.running.db.withTx(system("test"), (tx) =>
      tx.updateTable("monitoring.household").set({ region: elsewhere }).where("id", "=", about.householdId).execute(),
    );
    const there = office.as("village-officer", elsewhere);
    const file = ok(await there.get(`/households/${about.householdId}/file`));
    expect(file).toMatchObject({ work: [{ atWork: true }], credits: [{ sourceId: subsidy.claimId }] });
    for (const reader of ["employment-credits", "employment-work"]) {
      const said = await operate(monitoring, ["rebuild", reader], office.environment);
      expect(said, said.lines.join("\n")).toMatchObject({ ok: true });
      expect(said.lines.join("\n")).toMatch(/equal/);
    }
  });
});
