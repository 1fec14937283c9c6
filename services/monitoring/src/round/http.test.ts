import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { includedCase } from "../case.testing.ts";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, township } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-30");
});
afterAll(() => office.stop());

const asTownship = () => office.as("township-officer", township);
const household = async (region: string, birth = "1980-01-01", householdKind = "ordinary-household") => {
  const head = { name: "蓝天", identityNumber: newNumber(birth, "male"), relation: "head", labourSkill: "ordinary" };
  const reply = await asTownship().post("/households", { region, householdKind, members: [head] });
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  return String(reply.json["householdId"]);
};
const households = async (region: string, n: number) => {
  const made: string[] = [];
  while (made.length < n) made.push(await household(region));
  return made;
};
const visit = async (householdId: string, more: Record<string, unknown> = {}) => {
  const visitId = uuidv7();
  const reply = await asTownship().post("/visits", { visitId, householdId, visitedOn: office.today(), ...more });
  expect(reply.status, JSON.stringify(reply.json)).toBe(201);
  return visitId;
};
const away = { mode: "phone", householdAway: true };
const items = async <T>(path: string, who = asTownship()) => {
  const reply = await who.get(path);
  expect(reply.status, JSON.stringify(reply.json)).toBe(200);
  return reply.json["items"] as T[];
};
const events = async (type: string, region: string) =>
  (await office.outbox()).filter((event) => event.type === `monitoring.${type}.v1` && event.data["region"] === region);

test("the due list is who has not been reached: by village and grid, in pages, each household once", async () => {
  const region = "451228100001";
  const all = await households(region, 7);
  await asTownship().post("/grid-assignments", { subject: "grid-a", householdIds: all.slice(0, 4) });
  await visit(String(all[0]));
  await visit(String(all[1]), away);
  await visit(String(all[4]), { mode: "phone" });
  await visit(String(all[5]), { purposes: ["helper-visit"] });
  const due = async (more = "") =>
    (await items<{ householdId: string }>(`/visit-rounds/2022-08/due?region=${region}${more}`)).map((row) => row.householdId);
  expect(await due()).toEqual([...all.slice(2)].sort());
  expect(await due("&gridWorker=grid-a")).toEqual([...all.slice(2, 4)].sort());
  expect(await due("&scope=focus")).toEqual([]);
  const seen: string[] = [];
  let cursor = "";
  do {
    const { json } = await asTownship().get(`/visit-rounds/2022-08/due?region=${township}&limit=2${cursor}`);
    seen.push(
      ...(json["items"] as { householdId: string; place: string }[])
        .filter((row) => row.place === region)
        .map((row) => row.householdId),
    );
    cursor = json["next"] === null ? "" : `&cursor=${json["next"]}`;
  } while (cursor !== "");
  expect(seen).toEqual([...all.slice(2)].sort());
  const worker = office.as("grid-worker", region, "grid-a");
  expect((await items<{ householdId: string }>("/visit-rounds/2022-08/due", worker)).map((row) => row.householdId)).toEqual(
    [...all.slice(2, 4)].sort(),
  );
});

test("those who must be visited are listed with their kinds, as the settings name them", async () => {
  const region = "451228100002";
  const old = await household(region, "1950-05-05");
  const lifted = await household(region, "1990-01-01", "lifted-household");
  await household(region);
  const reported = await household(region);
  await asTownship().post("/risk-leads", {
    householdId: reported,
    source: "monthly-round",
    cause: "illness",
    foundAt: office.now().toISOString(),
  });
  await visit(lifted);
  const list = (more = "") =>
    items<{ householdId: string; kinds: string[]; seen: boolean }>(`/visit-rounds/2022-08/must-visit?region=${region}${more}`);
  expect((await list()).map(({ householdId, kinds, seen }) => [householdId, kinds, seen]).sort()).toEqual(
    [
      [old, ["elderly-alone"], false],
      [lifted, ["lifted-household"], true],
      [reported, ["open-lead"], false],
    ].sort(),
  );
  expect(await list("&kind=elderly-alone")).toHaveLength(1);
  expect((await list("&notSeen=true")).map((row) => row.householdId)).not.toContain(lifted);
});

describe("from the visits of a month to its frozen figures", () => {
  const region = "451228100005";
  const round = async () => (await asTownship().get(`/visit-rounds/2022-08?region=${region}`)).json;
  let all: string[];
  let mistaken: string;

  test("the roll-up by grid and day says what the live count says", async () => {
    all = await households(region, 6);
    const focus = await includedCase(office, "2022-08-10", { householdId: String(all[0]) });
    expect(focus.householdId).toBe(all[0]);
    await asTownship().post("/grid-assignments", { subject: "grid-r", householdIds: all.slice(0, 4) });
    await visit(String(all[0]), { visitedOn: "2022-08-02" });
    await visit(String(all[0]));
    mistaken = await visit(String(all[1]), { visitedOn: "2022-08-03" });
    await visit(String(all[2]), away);
    await visit(String(all[4]));
    await until(
      async () =>
        (await items<{ day: string }>(`/visit-rounds/2022-08/days?region=${region}`)).reduce(
          (sum, one) => sum + Number(Object(one).atHome) + Number(Object(one).byCall),
          0,
        ) === 4,
    );
    expect(await items(`/visit-rounds/2022-08/days?region=${region}`)).toEqual([
      { day: "2022-08-02", atHome: 1, byCall: 0 },
      { day: "2022-08-03", atHome: 1, byCall: 0 },
      { day: "2022-08-30", atHome: 1, byCall: 1 },
    ]);
    expect(await items(`/visit-rounds/2022-08/grids?region=${region}`)).toMatchObject([
      { gridWorker: null, households: 2, atHome: 1, byCall: 0, notSeen: 1 },
      { gridWorker: "grid-r", households: 4, atHome: 2, byCall: 1, notSeen: 1 },
    ]);
    expect(await round()).toMatchObject({ items: [{ households: 6, atHome: 3, byCall: 1, notSeen: 2 }] });
  });

  test("the day over, the village's progress is told once", async () => {
    await office.advance(1);
    const told = await until(async () => {
      const found = await events("monthly-round.progressed", region);
      return found.length > 0 && found;
    });
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      sequence: "1",
      data: { month: "2022-08", asOfDay: "2022-08-30", households: 6, atHome: 3, byCall: 1, lockedAt: null },
    });
  });

  test("past the lock the figures are frozen, and each grid that left households out is told of once, with how many", async () => {
    await office.advance(4);
    expect(office.today()).toBe("2022-09-04");
    await until(async () => (await round())["locked"] === true);
    expect(await round()).toMatchObject({ items: [{ households: 6, atHome: 3, byCall: 1, notSeen: 2 }] });
    const overdue = (await events("deadline.overdue", region)).filter((event) => event.data["kind"] === "monthly-round");
    expect(overdue).toMatchObject([{ data: { about: "grid", open: 1, dueAt: "2022-08-31T15:59:59.999Z", clause: "M-02" } }]);
    expect(await events("monthly-round.locked", region)).toMatchObject([{ data: { atHome: 3, byCall: 1 } }]);
    await household(region);
    expect(await round()).toMatchObject({ locked: true, items: [{ households: 6 }] });
  });

  test("a township corrects a locked month with a reason: the figure follows, the original is kept, and it is told again", async () => {
    const path = `/visits/${mistaken}/amendment`;
    const reason = "网格员误报:当日未入户,蓝天外出";
    expect((await office.as("village-officer", region).post(path, { reason, withdraw: true })).status).toBe(403);
    expect((await asTownship().post(path, { withdraw: true })).json).toMatchObject({
      code: "invalid-input",
      errors: [{ pointer: "/reason" }],
    });
    const amended = await asTownship().post(path, { reason, withdraw: true });
    expect(amended.json).toMatchObject({ withdrawn: true, round: "not-counted", version: 2 });
    expect((await asTownship().post(path, { reason, mode: "phone" })).json).toMatchObject({
      status: 409,
      code: "state-conflict",
      detail: expect.stringContaining("已作废"),
    });
    expect(await round()).toMatchObject({ locked: true, items: [{ households: 6, atHome: 2, byCall: 1, notSeen: 3 }] });
    const late = {
      reason: "手机损坏未能按期上传",
      visitId: uuidv7(),
      householdId: all[3],
      visitor: "grid-r",
      visitorRole: "grid-worker",
      visitedOn: "2022-08-29",
    };
    const added = await asTownship().post("/late-visits", late);
    expect(added.status, JSON.stringify(added.json)).toBe(201);
    expect((await asTownship().post("/late-visits", late)).json).toMatchObject({ status: 409, code: "already-exists" });
    expect(
      (await asTownship().post(`/visits/${late.visitId}/amendment`, { reason, visitedOn: late.visitedOn })).json,
    ).toMatchObject({ status: 422, code: "visit-unchanged", clause: "M-02" });
    expect(await round()).toMatchObject({ items: [{ atHome: 3, byCall: 1, notSeen: 2 }] });
    expect((await events("monthly-round.locked", region)).map((event) => event.data["atHome"])).toEqual([3, 2, 3]);
    const kept = await items<{ reason: string }>(`/households/${all[1]}/visit-amendments`, office.as("county-officer", county));
    expect(kept).toMatchObject([
      { kind: "withdrawn", reason, afterLock: true, original: { visitedOn: "2022-08-03", mode: "home", withdrawn: false } },
    ]);
    expect(JSON.stringify(await office.outbox())).not.toContain("误报");
    expect(
      (
        await asTownship().post("/late-visits", {
          reason: "补录",
          visitId: uuidv7(),
          householdId: all[3],
          visitor: "grid-r",
          visitorRole: "grid-worker",
          visitedOn: "2022-09-02",
        })
      ).status,
    ).toBe(400);
    expect(
      (
        await asTownship().post("/late-visits", {
          reason: "补录走访",
          visitId: uuidv7(),
          householdId: all[3],
          visitor: "grid-r",
          visitorRole: "grid-worker",
          visitedOn: "2022-09-02",
        })
      ).json,
    ).toMatchObject({ code: "state-conflict" });
  });

  test("the next month starts from nothing", async () => {
    expect((await asTownship().get(`/visit-rounds/2022-09?region=${region}`)).json["items"]).toMatchObject([
      { households: 7, visited: 0, notSeen: 7 },
    ]);
  });
});
