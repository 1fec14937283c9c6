import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Office, startOffice } from "../office.testing.ts";
import { county, newNumber, township } from "../people.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice("2022-08-15");
});
afterAll(() => office.stop());

const asTownship = () => office.as("township-officer", township);
const household = async (region: string) => {
  const head = { name: "蓝天", identityNumber: newNumber("1980-01-01", "male"), relation: "head", labourSkill: "ordinary" };
  const reply = await asTownship().post("/households", { region, householdKind: "ordinary-household", members: [head] });
  return String(reply.json["householdId"]);
};
const appoint = (region: string, subject: string, more: Record<string, unknown> = {}) =>
  asTownship().post("/grid-workers", { region, subject, name: "蓝美丽", phone: "13800138000", from: "2022-08-01", ...more });
const draw = (subject: string, householdIds: string[]) => asTownship().post("/grid-assignments", { subject, householdIds });
const jobDone = (jobId: unknown) =>
  until(async () => {
    const { json } = await asTownship().get(`/jobs/${jobId}`);
    return json["state"] === "done" && json;
  });
const held = async (region: string) => {
  const { json } = await asTownship().get(`/grids?region=${region}`);
  return Object.fromEntries(
    (json["items"] as { subject: string; households: number }[]).map((grid) => [grid.subject, grid.households]),
  );
};

describe("grid workers of a village", () => {
  const region = "451228100001";

  test("a village without one stands in the gap list until somebody is appointed; name and phone are masked, and sealed", async () => {
    const gaps = async () => (await asTownship().get("/grids")).json["villagesWithoutGrid"] as string[];
    expect(await gaps()).toContain(region);
    const reply = await appoint(region, "worker-1");
    expect(reply.status, JSON.stringify(reply.json)).toBe(201);
    expect(reply.json).toMatchObject({ name: "蓝*丽", phone: "138****8000", until: null });
    expect(await gaps()).not.toContain(region);
    expect((await appoint(region, "worker-1")).json).toMatchObject({ status: 409, code: "already-exists" });
    expect((await appoint("451229100001", "worker-1")).json).toMatchObject({ status: 422, code: "outside-area" });
    expect((await appoint("451228100000", "worker-1")).json).toMatchObject({ errors: [{ pointer: "/region", rule: "village" }] });
    expect((await appoint(region, "worker-9", { phone: "110" })).json).toMatchObject({ errors: [{ pointer: "/phone" }] });
    expect((await appoint(region, "worker-9", { from: "2022-08-16" })).json).toMatchObject({ errors: [{ pointer: "/from" }] });
    expect((await office.as("grid-worker", region).post("/grid-workers", {})).status).toBe(403);
  });

  test("households in no grid are listed one by one, and a drawn grid makes its worker known", async () => {
    const all = [await household(region), await household(region), await household(region)];
    const unassigned = async () =>
      ((await asTownship().get(`/grids/unassigned?region=${region}`)).json["items"] as { householdId: string }[]).map(
        (row) => row.householdId,
      );
    expect(await unassigned()).toEqual([...all].sort());
    await draw("worker-2", all.slice(0, 2));
    expect(await unassigned()).toEqual(all.slice(2));
    const workers = (await asTownship().get(`/grid-workers?region=${region}`)).json["items"];
    expect(workers).toMatchObject([{ subject: "worker-1" }, { subject: "worker-2", name: null }]);
    expect((await appoint(region, "worker-2", { name: "韦明" })).json).toMatchObject({ name: "韦*", version: 2 });
  });

  test("a grid handed over as a whole goes to another worker of the village, with exact totals", async () => {
    const refused = await asTownship().post("/grid-reassignments", { region, from: "worker-2", to: "somebody" });
    expect(refused.json).toMatchObject({ errors: [{ pointer: "/to", rule: "grid-worker-of-village" }] });
    const reply = await asTownship().post("/grid-reassignments", { region, from: "worker-2", to: "worker-1" });
    expect(reply.status).toBe(202);
    expect((await jobDone(reply.json["jobId"]))["totals"]).toEqual({ moved: 2, released: 0 });
    expect(await held(region)).toEqual({ "worker-1": 2 });
    expect((await asTownship().post("/grid-reassignments", { region: "451229100001", from: "a", to: "b" })).json).toMatchObject({
      code: "outside-area",
    });
  });

  test("who leaves hands over to the successor, or to nobody; the visits stay with the households", async () => {
    const workers = (await asTownship().get(`/grid-workers?region=${region}`)).json["items"] as { gridWorkerId: string }[];
    const [first, second] = workers.map((worker) => `/grid-workers/${worker.gridWorkerId}/departure`);
    const seen = (
      (await asTownship().get(`/visit-rounds/2022-08/due?region=${region}&gridWorker=worker-1`)).json["items"] as {
        householdId: string;
      }[]
    )[0];
    await office
      .as("grid-worker", region, "worker-1")
      .post("/visits", { visitId: uuidv7(), householdId: seen?.householdId, visitedOn: "2022-08-15" });
    const left = await asTownship().post(String(first), { because: "transferred", successor: "worker-2" });
    expect(left.json).toMatchObject({ until: "2022-08-15", leftBecause: "transferred", successor: "worker-2" });
    expect((await jobDone(left.json["jobId"]))["totals"]).toEqual({ moved: 2, released: 0 });
    expect((await asTownship().get(`/visit-rounds/2022-08/due?region=${region}&gridWorker=worker-2`)).json["items"]).toHaveLength(
      1,
    );
    expect((await asTownship().post(String(first), { because: "other" })).json).toMatchObject({
      status: 409,
      code: "state-conflict",
    });
    expect((await asTownship().post(String(second), { because: "ill", successor: "worker-1" })).json).toMatchObject({
      errors: [{ pointer: "/successor" }],
    });
    const gone = await asTownship().post(String(second), { because: "ill" });
    expect((await jobDone(gone.json["jobId"]))["totals"]).toEqual({ moved: 0, released: 2 });
    expect(await held(region)).toEqual({});
    expect((await asTownship().get(`/grids?region=${region}`)).json).toMatchObject({
      villagesWithoutGrid: [region],
      outside: [{ region, households: 3 }],
    });
    expect((await asTownship().get(`/grid-workers?region=${region}&active=false`)).json["items"]).toHaveLength(2);
    expect((await asTownship().post(`/grid-workers/${uuidv7()}/departure`, { because: "ill" })).json).toMatchObject({
      status: 404,
      code: "grid-worker-not-found",
    });
  });
});

test("a relocated household belongs to a grid where it lives, and keeps its file where it is registered", async () => {
  const [home, site] = ["451228100004", "451228100005"];
  const [moved, stayed] = [await household(home), await household(home)];
  await draw("worker-home", [moved, stayed]);
  const put = (residence: string | null) =>
    office.as("township-officer", township).send(`/households/${moved}/residence`, {
      method: "PUT",
      headers: { "content-type": "application/json", "idempotency-key": uuidv7() },
      body: JSON.stringify({ residence }),
    });
  const reply = await put(site);
  expect(await reply.json()).toEqual({ householdId: moved, region: home, place: site, leftGrid: true });
  expect((await put("451229100001")).status).toBe(400);
  const elsewhere = await put("451228101001");
  expect(await elsewhere.json(), "a village of another township").toMatchObject({ status: 422, code: "outside-area" });
  expect((await draw("worker-home", [moved, stayed])).json).toMatchObject({ errors: [{ rule: "one-village" }] });
  expect((await draw("worker-site", [moved])).json).toMatchObject({ region: site, gridHouseholds: 1 });
  expect(
    (await office.as("village-officer", home).post("/grid-assignments", { subject: "worker-home", householdIds: [moved] })).json,
  ).toMatchObject({ code: "household-not-found" });
  // A worker of a site is signed in for the county, and sees the assigned households alone.
  const worker = office.as("grid-worker", county, "worker-site");
  expect((await worker.post("/visits", { visitId: uuidv7(), householdId: moved, visitedOn: "2022-08-15" })).json).toMatchObject({
    region: home,
  });
  const round = async (region: string) =>
    (await office.as("county-officer", county).get(`/visit-rounds/2022-08?region=${region}`)).json["items"];
  expect(await round(site)).toMatchObject([{ region: site, households: 1, visited: 1 }]);
  expect(await round(home)).toMatchObject([{ region: home, households: 1, visited: 0 }]);
  expect((await office.as("village-officer", home).get(`/households/${moved}`)).status).toBe(200);
});
