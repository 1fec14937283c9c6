import {
  LabourSubsidyPaid,
  PostPayPaid,
  TransportSubsidyApproved,
  TransportSubsidyClawedBack,
  TransportSubsidyPaid,
} from "@shouwang/contract";
import { operate } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startToldOffice, type ToldOffice } from "./employment.testing.ts";
import { monitoring } from "./index.ts";
import { registerCouple, village } from "./people.testing.ts";

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

type Couple = { householdId: string; personId: string; spouseId: string };
async function couple(more: Record<string, unknown> = {}): Promise<Couple> {
  const householdId = await registerCouple(office, more);
  const members = ok(await asVillage().get(`/households/${householdId}`))["members"] as { personId: string }[];
  return { householdId, personId: String(members[0]?.personId), spouseId: String(members[1]?.personId) };
}

/** A claim of a household's member as employment tells of it. */
const claimOf = ({ householdId, personId }: Couple, more: Record<string, unknown> = {}) => ({
  ...{
    claimId: uuidv7(),
    personId,
    householdId,
    region: village,
    amountFen: 90_000,
    status: "paid" as const,
    paidOn: "2022-10-12",
  },
  ...more,
});
const transport = (about: Couple, more: Record<string, unknown> = {}) => ({
  ...claimOf(about),
  ...{ payingCounty: "451228000000", year: 2022 },
  ...more,
});
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

describe("what employment told", () => {
  test("makes the same again when it is folded from the beginning", async () => {
    await office.settled();
    for (const reader of ["employment-credits"]) {
      const said = await operate(monitoring, ["rebuild", reader], office.environment);
      expect(said, said.lines.join("\n")).toMatchObject({ ok: true });
      expect(said.lines.join("\n")).toMatch(/equal/);
    }
  });
});
