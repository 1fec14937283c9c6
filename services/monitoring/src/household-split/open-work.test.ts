import { system } from "@shouwang/service-kit";
import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assignedHelper, includedCase } from "../case.testing.ts";
import { admin } from "../focus-household/focus.testing.ts";
import { relations, type Seen, source } from "../household/commands.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, registerCouple, township, village } from "../people.testing.ts";
import { asDepartment, nameOffices, ok, paper, sent } from "../referral/referral.testing.ts";
import { insertSuspects, type Suspect } from "../suspect/store.ts";

/** What becomes of open work when its household changes. */
type Fate = "stays" | "goes" | "ends" | "stands in the way";
const changes = ["merge", "split", "move", "close"] as const;
type Change = (typeof changes)[number];

/**
 * `goes`: it is the other household's, open as before. In a merge the household is the one that ceases; in a split those who go are the spouse alone; in a move
 * the household is the same one at its new place.
 */
const fates: Record<string, Record<Change, Fate>> = {
  "a referral": { merge: "goes", split: "stays", move: "stays", close: "ends" },
  "a referral for the spouse": { merge: "goes", split: "goes", move: "stays", close: "ends" },
  "a referral of the case": { merge: "stands in the way", split: "stays", move: "stays", close: "ends" },
  "a suspect": { merge: "goes", split: "stays", move: "stays", close: "ends" },
  "a suspect of the spouse": { merge: "goes", split: "goes", move: "stays", close: "ends" },
  "a guarantee problem": { merge: "goes", split: "stays", move: "stays", close: "ends" },
  "a lead": { merge: "stands in the way", split: "stays", move: "stays", close: "ends" },
  "a case": { merge: "stands in the way", split: "stays", move: "stays", close: "ends" },
  "a helper": { merge: "stands in the way", split: "stays", move: "ends", close: "ends" },
  "an appeal": { merge: "stands in the way", split: "stays", move: "stays", close: "ends" },
  "an offered move": { merge: "stands in the way", split: "stands in the way", move: "stands in the way", close: "ends" },
  "a place in a grid": { merge: "ends", split: "stays", move: "ends", close: "ends" },
};

/** How each is read: whose it is and whether it is open. */
const rowOf: Record<string, (id: string) => string> = {
  "a referral": () => "select household_id, status <> 'closed' as open from monitoring.referral where id = $1",
  "a suspect": () => "select household_id, status <> 'closed' as open from monitoring.suspect where id = $1",
  "a guarantee problem": () => "select household_id, status = 'open' as open from monitoring.guarantee_problem where id = $1",
  "a lead": () => "select household_id, status in ('registered', 'dispatched') as open from monitoring.risk_lead where id = $1",
  "a case": () =>
    "select household_id, status not in ('refused', 'cleared', 'closed') as open from monitoring.monitored_case where id = $1",
  "a helper": () => "select household_id, until_date is null as open from monitoring.helper where id = $1",
  "an appeal": () => "select household_id, status = 'filed' as open from monitoring.appeal where id = $1",
  "an offered move": () => "select household_id, status = 'offered' as open from monitoring.household_move where id = $1",
  "a place in a grid": () => "select household_id, valid_to is null as open from kit.assignment where id = $1",
};
const reads = (thing: string) => rowOf[Object.keys(rowOf).findLast((name) => thing.startsWith(name)) ?? ""];

let office: Office;
const asVillage = () => office.as("village-officer", village);
const asTownship = (subject?: string) => office.as("township-officer", township, subject);
const newVillage = "451229100001";
beforeAll(async () => {
  office = await startOffice("2022-08-15");
  await nameOffices(office);
});
afterAll(() => office.stop());

const read = async (householdId: string): Promise<Seen> => {
  const { json } = await asVillage().get(`/households/${householdId}`);
  return { householdId, version: Number(json["version"]), members: json["members"] as Seen["members"] }; // Safe: the reply's own schema.
};
const spouseOf = (seen: Seen) => seen.members.find(({ relation }) => relation === "spouse")?.personId ?? "";

/** Makes one of each thing open for the household, and answers their ids. */
const makers: Record<string, (seen: Seen) => Promise<string>> = {
  "a referral": async ({ householdId }) => (await sent(office, {}, householdId)).referralId,
  "a referral for the spouse": async (seen) =>
    (await sent(office, { need: "destitute-support", personId: spouseOf(seen) }, seen.householdId)).referralId,
  "a referral of the case": async (seen) => {
    const caseId = await makers["a case"]?.(seen);
    return (await sent(office, { need: "low-allowance", personId: spouseOf(seen), caseId }, seen.householdId)).referralId;
  },
  "a suspect": (seen) => suspectOf(seen, null),
  "a suspect of the spouse": (seen) => suspectOf(seen, spouseOf(seen)),
  "a guarantee problem": async ({ householdId, version }) => {
    ok(await asVillage().patch(`/households/${householdId}`, { guarantees: { housing: false }, ...source }, version));
    return await idIn("guarantee_problem", householdId);
  },
  "a lead": async ({ householdId }) => await leadOf(householdId, "illness"),
  "a case": async ({ householdId }) => {
    const [open] = await admin(office, "select id from monitoring.monitored_case where household_id = $1", [householdId]);
    return open ? String(open["id"]) : (await includedCase(office, "2022-08-14", { householdId })).caseId;
  },
  "a helper": async (seen) => await assignedHelper(office, (await makers["a case"]?.(seen)) ?? "", "2022-08-15", `h-${uuidv7()}`),
  "an appeal": async ({ householdId, members }) => {
    const leadId = await leadOf(householdId, "accident");
    ok(await asTownship().post(`/risk-leads/${leadId}/dispatch`, { to: "village-officer-1" }));
    const visit = { visitedOn: office.today(), team: ["a", "b"], outcome: "not-at-risk" };
    ok(await asTownship().post(`/risk-leads/${leadId}/verification`, visit));
    const appeal = { leadId, madeBy: members[0]?.personId, filedOn: office.today(), grounds: "去年住院花了八万元" };
    return String(ok(await asVillage().post("/appeals", appeal), 201).json["appealId"]);
  },
  "an offered move": async (seen) => String(ok(await offer(await read(seen.householdId)), 201).json["moveId"]),
  "a place in a grid": async ({ householdId }) => {
    ok(await asVillage().post("/grid-assignments", { subject: "grid-1", householdIds: [householdId] }), 201);
    const [row] = await admin(office, "select id from kit.assignment where kind = 'grid' and household_id = $1", [householdId]);
    return String(row?.["id"]);
  },
};
const idIn = async (table: string, householdId: string) =>
  String((await admin(office, `select id from monitoring.${table} where household_id = $1`, [householdId]))[0]?.["id"]);
const leadOf = async (householdId: string, cause: string) => {
  const entry = { householdId, source: "monthly-round", cause, foundAt: office.now().toISOString() };
  return String(ok(await asVillage().post("/risk-leads", entry), 201).json["leadId"]);
};
/** A suspect that a department's list raised, given to the village with its clock. */
const suspectOf = async ({ householdId }: Seen, personId: string | null) => {
  const id = uuidv7();
  const value = (department: string) => ({ field: "lowIncome", value: true, source: department, department, date: null });
  const suspect: Suspect = {
    ...{ id, householdId, region: village, personId, ruleCode: "post-overlaps", field: "lowIncome", raisedBy: "employment" },
    ...{ found: [value("registry"), value("employment")], fingerprint: Buffer.from("same"), status: "new", outcome: null },
    ...{ because: null, assignedTo: null, vanishedAt: null, round: 1, version: 1, fileId: null, openedAt: office.now() },
    ...{ closedOn: null, expiresOn: null },
  };
  await office.running.db.withTx(system("test"), (tx) => insertSuspects(tx, [suspect]));
  ok(await asTownship().post(`/suspects/${id}/assignment`, { to: "village-officer-1" }));
  return id;
};

const offer = async ({ householdId, version }: Seen) =>
  await asVillage().post(`/households/${householdId}/moves`, { toRegion: newVillage, reason: "work" }, undefined, version);
/** Each change of a household, and the household whose the open work is afterwards where it goes. */
const does: Record<Change, (seen: Seen) => Promise<{ status: number; json: Record<string, unknown>; other: string }>> = {
  merge: async (seen) => {
    const kept = await registerCouple(office);
    const { householdId: mergedId, version: mergedVersion } = seen;
    const body = { mergedId, mergedVersion, members: relations(seen), on: office.today(), ...source };
    return { ...(await asVillage().post(`/households/${kept}/merge`, body, undefined, 1)), other: kept };
  },
  split: async (seen) => {
    const body = { members: [{ personId: spouseOf(seen), relation: "head" }], on: office.today(), ...source };
    const reply = await asVillage().post(`/households/${seen.householdId}/split`, body, undefined, seen.version);
    return { ...reply, other: String(Object(reply.json["newHousehold"])["householdId"]) };
  },
  move: async (seen) => {
    const offered = await offer(seen);
    if (offered.status !== 201) return { ...offered, other: "" };
    const path = `/household-moves/${offered.json["moveId"]}`;
    const asNext = office.as("village-officer", newVillage);
    const reply = await asNext.post(`${path}/acceptance`, {});
    await until(async () => ((await asNext.get(path)).json["status"] === "done" ? true : undefined));
    return { ...reply, other: seen.householdId };
  },
  close: async ({ householdId, version }) => {
    const body = { code: "other", on: office.today(), ...source };
    const reply = await asTownship().post(`/households/${householdId}/closure`, body, undefined, version);
    return { ...reply, other: "" };
  },
};

describe("M-01: what becomes of open work when its household changes", () => {
  const cases = changes.flatMap((change) =>
    ["stands in the way", "the others"].map((which) => ({
      change,
      which,
      things: Object.keys(fates).filter(
        (thing) => (fates[thing]?.[change] === "stands in the way") === (which === "stands in the way"),
      ),
    })),
  );
  test.each(cases.filter(({ which }) => which === "the others"))(
    "$change: $things",
    async ({ change, things }) => {
      const { householdId } = await read(await registerCouple(office));
      const ids = new Map<string, string>();
      for (const thing of things) ids.set(thing, (await makers[thing]?.(await read(householdId))) ?? "");
      const done = await does[change](await read(householdId));
      expect([200, 201, 202], JSON.stringify(done.json)).toContain(done.status);
      for (const [thing, id] of ids) {
        const [row] = await admin(office, reads(thing)?.(id) ?? "", [id]);
        const fate = row?.["open"] !== true ? "ends" : row["household_id"] === householdId ? "stays" : "goes";
        expect([thing, fate]).toEqual([thing, fates[thing]?.[change]]);
        if (fate === "goes") expect(row?.["household_id"]).toBe(done.other);
      }
      // No clock runs on for a household that is no more, and each stands with the household its work is of.
      const clocks = await admin(
        office,
        "select d.entity_id, d.household_id, h.status from kit.deadline d join monitoring.household h on h.id = d.household_id where d.state = 'open' and d.entity_id = any($1)",
        [[...ids.values()]],
      );
      for (const { status } of clocks) expect(status).toBe("active");
      const gone = await admin(office, "select 1 from kit.deadline where state = 'open' and household_id = $1", [householdId]);
      if (change === "merge" || change === "close") expect(gone).toEqual([]);
    },
    30_000,
  );

  test.each(
    cases
      .filter(({ which }) => which === "stands in the way")
      .flatMap(({ change, things }) => things.map((thing) => ({ change, thing }))),
  )("$change: $thing stands in the way, and it is said", async ({ change, thing }) => {
    const { householdId } = await read(await registerCouple(office));
    await makers[thing]?.(await read(householdId));
    const refused = await does[change](await read(householdId));
    expect([refused.status, refused.json["code"]]).toEqual([409, expect.stringMatching(/^household-(has-open|moving)/)]);
    expect(refused.json["detail"]).toBeTruthy();
  });

  test("every table of open work about a household has its place in this list, or a reason", async () => {
    const named: Record<string, string> = {
      "monitoring.referral": "in the list",
      "monitoring.suspect": "in the list",
      "monitoring.guarantee_problem": "in the list",
      "monitoring.risk_lead": "in the list",
      "monitoring.monitored_case": "in the list",
      "monitoring.appeal": "in the list",
      "monitoring.household_move": "in the list",
      "monitoring.household_plan": "its case's: ends with it",
      "monitoring.household_plan_item": "its case's: ends with it",
      "monitoring.person": "a member: the registry's own tests",
      "monitoring.join_request": "answered by a job, which refuses where the household is no longer active",
      "monitoring.possible_duplicate": "about two people, wherever they are members; the test below",
      "monitoring.national_difference": "goes with its suspect",
      "kit.deadline": "goes or ends with what it is a clock of; looked at above",
      "kit.posting": "its case's: withdrawn with it",
      "kit.claim": "stays with who was claimed for, on the date that counts; this department makes none",
      "kit.form": "printed facts no longer hold: a scan is refused as out of date",
    };
    const tables = await admin(
      office,
      `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('kit', 'monitoring') and c.relkind in ('r', 'p') and not c.relispartition
          and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'household_id' and not a.attisdropped)
          and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname in ('status', 'state') and not a.attisdropped)`,
    );
    expect(tables.map(({ name }) => name).toSorted()).toEqual(Object.keys(named).toSorted());
  });
});

describe("M-01: a merge brings two of one kind together", () => {
  const asWelfare = () => asDepartment(office, "civil-affairs");

  test("of two referrals for one need the further one goes on; of two problems the older; undone, both go back", async () => {
    const [kept, ceasing] = [await read(await registerCouple(office)), await read(await registerCouple(office))];
    const [at, coming] = [await sent(office, {}, kept.householdId), await sent(office, {}, ceasing.householdId)];
    ok(await asWelfare().post(`${coming.path}/acceptance`, {}));
    const broken = { guarantees: { housing: false }, ...source };
    ok(await asVillage().patch(`/households/${kept.householdId}`, broken, 1));
    ok(await asVillage().patch(`/households/${ceasing.householdId}`, { ...broken, dataDate: "2022-08-01" }, 1));
    const older = await idIn("guarantee_problem", ceasing.householdId);
    const [mergedId, mergedVersion] = [ceasing.householdId, 2];
    const body = { mergedId, mergedVersion, members: relations(ceasing), on: office.today(), ...source };
    const merged = ok(await asVillage().post(`/households/${kept.householdId}/merge`, body, undefined, 2), 201);
    expect(merged.json["followed"]).toEqual({
      referrals: [coming.referralId],
      suspects: expect.any(Array),
      guaranteeProblems: [older],
    });
    expect((await asVillage().get(at.path)).json).toMatchObject({ status: "closed", closedBecause: "household-merged" });
    expect((await asVillage().get(coming.path)).json).toMatchObject({ status: "accepted", householdId: kept.householdId });
    const told = (await office.outbox()).filter(({ data }) => data["referralId"] === coming.referralId);
    expect(told.at(-1)).toMatchObject({ type: "monitoring.referral.answered.v1", data: { householdId: kept.householdId } });
    expect(told.map(({ sequence }) => Number(sequence))).toEqual(told.map((_, index) => index + 1));
    const problems = async () =>
      (await asVillage().get(`/guarantee-problems?region=${village}&guarantee=housing`)).json["items"] as {
        problemId: string;
        householdId: string;
        since: string;
      }[];
    const about = async (id: string) => (await problems()).filter(({ householdId }) => householdId === id);
    expect(await about(kept.householdId)).toMatchObject([{ problemId: older, since: "2022-08-01" }]);

    ok(await asTownship().post(`/household-merges/${merged.json["mergeId"]}/undo`, source));
    expect((await asVillage().get(coming.path)).json).toMatchObject({ status: "accepted", householdId: ceasing.householdId });
    expect(await about(ceasing.householdId)).toMatchObject([{ problemId: older, since: "2022-08-01" }]);
    expect(await about(kept.householdId)).toMatchObject([{ householdId: kept.householdId }]);
    const delivery = { ...paper(office), implementedAt: office.now().toISOString(), amountFen: 200_000 };
    ok(await asWelfare().post(`${coming.path}/delivery`, delivery));
  });

  test("heads of one name are no longer asked about once their households are one, and again when it is undone", async () => {
    const alone = async () => {
      const identityNumber = newNumber("1950-01-01", "male");
      const head = { name: "蓝独一", identityNumber, relation: "head", labourSkill: "none" };
      return await read(await registerCouple(office, { members: [head] }));
    };
    const [kept, ceasing] = [await alone(), await alone()];
    const pair = async () =>
      (
        await admin(
          office,
          "select status from monitoring.possible_duplicate where kind = 'household' and household_id = any($1) and other_household_id = any($1)",
          [[kept.householdId, ceasing.householdId]],
        )
      ).map(({ status }) => status);
    expect(await pair()).toEqual(["open"]);
    const body = { mergedId: ceasing.householdId, mergedVersion: 1, members: relations(ceasing), on: office.today(), ...source };
    const merged = ok(await asVillage().post(`/households/${kept.householdId}/merge`, body, undefined, 1), 201);
    expect(await pair()).toEqual(["same"]);
    ok(await asTownship().post(`/household-merges/${merged.json["mergeId"]}/undo`, source));
    expect(await pair()).toEqual(["open"]);
  });
});

test("M-03: the appeal of a household that ends says why it was not decided, and is told of", async () => {
  const seen = await read(await registerCouple(office));
  const appealId = await makers["an appeal"]?.(seen);
  const closed = await does.close(await read(seen.householdId));
  expect(closed.json["ended"]).toContain("monitoring.appeal.lapsed.v1");
  expect((await asVillage().get(`/appeals/${appealId}`)).json).toMatchObject({
    status: "lapsed",
    decidedOn: null,
    lapsedOn: office.today(),
    reasons: [{ clause: "M-03", code: "household-ended", facts: [{ value: office.today() }] }],
  });
  const decision = { outcome: "upheld", reason: "经复核,原决定成立" };
  const late = await office.as("county-officer", county, "county-one").post(`/appeals/${appealId}/decision`, decision);
  expect(late.json).toMatchObject({ status: 409, code: "appeal-state" });
});
