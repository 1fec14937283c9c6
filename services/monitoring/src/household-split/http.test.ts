import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { includedCase } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { newNumber, registerCouple, township, village } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());
const asVillage = () => office.as("village-officer", village);
type Member = { personId: string; relation: string; version: number };
type Read = Record<string, unknown> & { householdId: string; version: number; members: Member[] };
const read = async (householdId: string) => (await asVillage().get(`/households/${householdId}`)).json as unknown as Read; // Safe: the reply's own schema.
const source = { source: "户口簿" };

/** A couple with a grown-up son and his wife. */
const family = async () =>
  await read(
    await registerCouple(office, {
      members: [
        { name: "韦老大", identityNumber: newNumber("1965-01-01", "male"), relation: "head", labourSkill: "ordinary" },
        { name: "覃老大", identityNumber: newNumber("1966-01-01", "female"), relation: "spouse", labourSkill: "lost" },
        { name: "韦小大", identityNumber: newNumber("1990-01-01", "male"), relation: "son", labourSkill: "ordinary" },
        {
          name: "黄小大",
          identityNumber: newNumber("1991-01-01", "female"),
          relation: "daughter-in-law",
          labourSkill: "ordinary",
        },
      ],
    }),
  );
const idOf = (household: Read, relation: string) => household.members.find((member) => member.relation === relation)?.personId;
const split = async (household: Read, more: Record<string, unknown> = {}) =>
  await asVillage().post(
    `/households/${household.householdId}/split`,
    {
      members: [
        { personId: idOf(household, "son"), relation: "head" },
        { personId: idOf(household, "daughter-in-law"), relation: "spouse" },
      ],
      on: "2022-08-15",
      ...source,
      ...more,
    },
    undefined,
    household.version,
  );
const newOf = (reply: { json: Record<string, unknown> }) => reply.json["newHousehold"] as Read;
const merge = async (kept: Read, ceasing: Read, more: Record<string, unknown> = {}) =>
  await asVillage().post(
    `/households/${kept.householdId}/merge`,
    {
      mergedId: ceasing.householdId,
      mergedVersion: ceasing.version,
      members: ceasing.members.map(({ personId, relation }) => ({
        personId,
        relation: relation === "head" ? "son" : "daughter-in-law",
      })),
      on: "2022-08-15",
      ...source,
      ...more,
    },
    undefined,
    kept.version,
  );
const undo = (mergeId: unknown) => office.as("township-officer", township).post(`/household-merges/${mergeId}/undo`, source);

describe("M-01: split, merge and undo", () => {
  test("a split, a merge back and its undoing leave everybody where they were, every version without a gap", async () => {
    const before = await family();
    const parted = await split(before);
    expect(parted.status, JSON.stringify(parted.json)).toBe(201);
    expect(parted.json).toMatchObject({
      household: { headcount: 2, ableWorkers: 1, version: 2 },
      newHousehold: {
        headcount: 2,
        ableWorkers: 2,
        splitFrom: before.householdId,
        householdKind: "lifted-household",
        monitoredKind: null,
      },
      stays: { openCase: null, openLeads: [] },
    });
    const [old, young] = [await read(before.householdId), newOf(parted)];
    const merged = await merge(old, young);
    expect(merged.json).toMatchObject({ headcount: 4, ableWorkers: 3 });
    expect(await read(young.householdId)).toMatchObject({
      status: "merged",
      closedBecause: "merged",
      mergedInto: before.householdId,
      headcount: 0,
    });
    const undone = await undo(merged.json["mergeId"]);
    expect(undone.status, JSON.stringify(undone.json)).toBe(200);
    const people = (household: Read) => household.members.map(({ personId, relation }) => [personId, relation]);
    expect(people(await read(before.householdId))).toEqual(people(old));
    expect(people(await read(young.householdId))).toEqual(people(young));
    expect((await undo(merged.json["mergeId"])).json).toMatchObject({ code: "merge-undone-already" });

    const mine = new Set([before.householdId, young.householdId, ...before.members.map((member) => member.personId)]);
    const versions = new Map<string, string[]>();
    for (const event of await office.outbox()) {
      const id = String(event.data["personId"] ?? event.data["householdId"]);
      if (mine.has(id)) versions.set(id, [...(versions.get(id) ?? []), event.sequence]);
    }
    expect(versions.size).toBe(6);
    for (const sequence of versions.values()) expect(sequence).toEqual(sequence.map((_, index) => String(index + 1)));
    const history = (await asVillage().get(`/households/${young.householdId}/past-members`)).json["items"] as {
      since: string;
      until: string;
    }[];
    expect(history.map(({ since, until }) => [since, until])).toEqual([
      ["2022-08-15", "2022-08-15"],
      ["2022-08-15", "2022-08-15"],
    ]);
  });

  test("the case stays with the household that keeps the id, and the answer says so; the one that ceases must have none", async () => {
    const { householdId, caseId } = await includedCase(office, "2022-08-10", { householdId: (await family()).householdId });
    const parted = await split(await read(householdId));
    expect(parted.json).toMatchObject({ stays: { openCase: caseId } });
    const [monitored, young] = [await read(householdId), newOf(parted)];
    const wrongWay = await asVillage().post(
      `/households/${young.householdId}/merge`,
      {
        mergedId: householdId,
        mergedVersion: monitored.version,
        members: monitored.members.map(({ personId, relation }) => ({
          personId,
          relation: relation === "head" ? "father" : "mother",
        })),
        on: "2022-08-15",
        ...source,
      },
      undefined,
      young.version,
    );
    expect(wrongWay.json).toMatchObject({ code: "household-has-open-case" });
    expect(JSON.stringify(wrongWay.json)).toContain(caseId);
    expect((await merge(monitored, young)).status).toBe(201);
  });

  test("a merge cannot be undone once a lead of the merged household was found; the lead is named", async () => {
    const before = await family();
    const parted = await split(before);
    const merged = await merge(await read(before.householdId), newOf(parted));
    const lead = await asVillage().post("/risk-leads", {
      householdId: before.householdId,
      source: "monthly-round",
      cause: "illness",
      foundAt: office.now().toISOString(),
    });
    const refused = await undo(merged.json["mergeId"]);
    expect(refused.json).toMatchObject({
      code: "merge-undo-blocked",
      reasons: [{ code: "lead-since", facts: [{ value: lead.json["leadId"] }] }],
    });
  });

  test("only a household of the village that is as it was seen", async () => {
    const [one, other] = [await family(), await family()];
    expect((await merge(one, { ...other, version: 9 })).json).toMatchObject({ code: "version-mismatch" });
    expect((await merge({ ...one, version: 9 }, other)).json).toMatchObject({ code: "version-mismatch" });
    const elsewhere = await office.as("village-officer", "451228100004").get(`/households/${one.householdId}`);
    expect(elsewhere.status).toBe(404);
  });

  test("a command sent twice under one key is done once", async () => {
    const household = await family();
    const body = { members: [{ personId: idOf(household, "son"), relation: "head" }], on: "2022-08-15", ...source };
    const send = () => asVillage().post(`/households/${household.householdId}/split`, body, "the-same-key", household.version);
    const [first, second] = [await send(), await send()];
    expect(second.json).toEqual(first.json);
    expect(await read(household.householdId)).toMatchObject({ headcount: 3, version: 2 });
  });

  test("two who merge two households into each other, and two who split one, at once: one of each pair wins, nobody is lost", async () => {
    for (let round = 0; round < 4; round += 1) {
      const [one, other] = [await family(), await family()];
      const all = (kept: Read, ceasing: Read) =>
        merge(kept, ceasing, { members: ceasing.members.map(({ personId }) => ({ personId, relation: "other" })) });
      const merges = await Promise.all([all(one, other), all(other, one)]);
      expect(merges.map((reply) => reply.status).sort()).toEqual([
        201,
        expect.toSatisfy((status) => [409, 412].includes(status)),
      ]);
      const after = [await read(one.householdId), await read(other.householdId)];
      expect(after.flatMap((household) => household.members)).toHaveLength(8);
      expect(after.map((household) => household["headcount"]).sort()).toEqual([0, 8]);

      const third = await family();
      const splits = await Promise.all([split(third), split(third)]);
      expect(splits.map((reply) => reply.status).sort()).toEqual([201, 412]);
      expect(await read(third.householdId)).toMatchObject({ headcount: 2 });
    }
  });
});
