import { clauses } from "@shouwang/plan";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { deadAddress, gatewayBefore, officer, serveDepartment, signedIn } from "../testing.ts";

const asOf = "2022-08-15T03:00:00.000Z";
const read = async (gateway: string, path: string, claims = officer) => {
  const response = await fetch(gateway + path, { headers: await signedIn(claims) });
  return { status: response.status, body: await response.json() };
};

const Plan = z.object({
  clauses: z.array(
    z.looseObject({
      id: z.string(),
      state: z.string(),
      note: z.object({ zh: z.string(), en: z.string() }).optional(),
      indicators: z.array(z.looseObject({ target: z.number().nullable() })),
    }),
  ),
});
const readPlan = async (gateway: string, claims = officer) => {
  const { clauses: told } = Plan.parse((await read(gateway, "/api/v1/plan", claims)).body);
  return { told, clause: (id: string) => told.find((one) => one.id === id) };
};

const Todo = z.object({
  items: z.array(z.looseObject({ id: z.string(), service: z.string() })),
  parts: z.array(z.object({ service: z.string(), state: z.string(), asOf: z.string().nullable() })),
});
const readTodo = async (gateway: string, { query = "", claims = officer } = {}) =>
  Todo.parse((await read(gateway, `/api/v1/todo${query}`, claims)).body);

describe("the plan as it stands", () => {
  const indicator = (code: string, clause: string, unit: string, target: number | null = null) => ({
    ...{ code, clause, unit, target, title: { zh: "指标", en: "Figure" } },
    ...{ value: 5, direction: null, asOf, list: "/api/v1/x" },
  });
  const reporting = (service: string, ...reported: { clause: string; indicators: unknown[] }[]) =>
    serveDepartment(new Hono().get(`/api/v1/${service}/clauses`, (c) => c.json({ asOf, clauses: reported })));

  test("live, not built and unknown, each by its owner's own word", async () => {
    const monitoring = await reporting("monitoring", { clause: "M-02", indicators: [indicator("M-02", "M-02", "ratio")] });
    const gateway = await gatewayBefore({ monitoring: monitoring.url, employment: await deadAddress() });
    const { told, clause } = await readPlan(gateway);
    expect(told.map(({ id }) => id)).toEqual(clauses.map(({ id }) => id));
    expect(clause("M-02")).toMatchObject({ state: "live", owner: "monitoring", kind: ["hard"], asOf });
    // The service gave no target, the plan does: every household of a grid, each month.
    expect(clause("M-02")?.indicators).toEqual([{ ...indicator("M-02", "M-02", "ratio"), target: 1, direction: "=" }]);
    expect(clause("M-01")).toMatchObject({ state: "not-built", note: { zh: "尚未建设", en: "not yet built" }, indicators: [] });
    expect(clause("E-02")).toMatchObject({ state: "unknown", asOf: null });
    expect(clause("E-02")?.note?.en).toMatch(/cannot be reached/);
    expect(clause("F-01a")).toMatchObject({ state: "not-built", targets: [{ target: 1, due: "2022-07-31", scope: ["region"] }] });
    // The platform's own clauses stand on all departments: one of them did not answer.
    expect(clause("G-01")?.state).toBe("unknown");
  });

  test("a clause of the platform is live when any department reports it", async () => {
    const monitoring = await reporting("monitoring", { clause: "G-01", indicators: [] });
    const gateway = await gatewayBefore({ monitoring: monitoring.url, employment: await deadAddress() });
    const { clause } = await readPlan(gateway);
    expect(clause("G-01")?.state).toBe("live");
  });

  test("another department's word about a clause counts for nothing", async () => {
    const funds = await reporting("funds", { clause: "E-01", indicators: [] });
    const gateway = await gatewayBefore({ funds: funds.url });
    const { clause } = await readPlan(gateway);
    expect(clause("E-01")?.state).toBe("not-built");
  });

  test.each([
    ["the region", { ...officer, sw_roles: ["region-officer"], sw_region: "45" }, 2_682_100],
    ["a county", officer, null],
  ])("the region's number of people is held against %s: %j", async (_, claims, target) => {
    const figure = indicator("E-01-guarantee", "E-01", "persons");
    const employment = await reporting("employment", { clause: "E-01", indicators: [figure] });
    const gateway = await gatewayBefore({ employment: employment.url });
    const { clause } = await readPlan(gateway, claims);
    expect(clause("E-01")?.indicators[0]?.target).toBe(target);
  });

  test("a target the service gave is kept", async () => {
    const monitoring = await reporting("monitoring", { clause: "M-02", indicators: [indicator("M-02", "M-02", "ratio", 0.9)] });
    const { clause } = await readPlan(await gatewayBefore({ monitoring: monitoring.url }));
    expect(clause("M-02")?.indicators[0]?.target).toBe(0.9);
  });

  test("a report of the wrong shape is no report", async () => {
    const odd = await serveDepartment(new Hono().get("*", (c) => c.json({ clauses: "all fine" })));
    const { clause } = await readPlan(await gatewayBefore({ monitoring: odd.url }));
    expect(clause("M-01")?.state).toBe("unknown");
  });

  test("a department that does not answer costs a little time, not the plan", async () => {
    const hung = await serveDepartment({ fetch: () => new Promise<Response>(() => {}) });
    const startedAt = performance.now();
    const { status } = await read(await gatewayBefore({ monitoring: hung.url }), "/api/v1/plan");
    expect(status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe("what is due", () => {
  const due = (service: string, ...dueAts: string[]) =>
    new Hono().get(`/api/v1/${service}/todo`, (c) =>
      c.json({ asOf, items: dueAts.map((dueAt, n) => ({ id: `${service}-${n}`, dueAt, clause: "M-03" })) }),
    );
  const lists = async () => ({
    monitoring: await serveDepartment(due("monitoring", "2022-08-15T15:59:59Z", "2022-08-18T15:59:59Z")),
    // Later on the clock face, earlier in time.
    funds: await serveDepartment(due("funds", "2022-08-15T20:00:00+08:00")),
  });

  test("comes from every department, the earliest first", async () => {
    const { monitoring, funds } = await lists();
    const gateway = await gatewayBefore({ monitoring: monitoring.url, funds: funds.url, social: await deadAddress() });
    const body = await readTodo(gateway);
    expect(body.items.map(({ id, service }) => [id, service])).toEqual([
      ["funds-0", "funds"],
      ["monitoring-0", "monitoring"],
      ["monitoring-1", "monitoring"],
    ]);
    expect(body.items[0]).toMatchObject({ clause: "M-03" });
    expect(body.parts).toEqual([
      { service: "monitoring", state: "ok", asOf },
      { service: "funds", state: "ok", asOf },
      { service: "social", state: "down", asOf: null },
    ]);
    expect((await readTodo(gateway, { query: "?limit=1" })).items).toHaveLength(1);
    expect(await read(gateway, "/api/v1/todo?limit=0")).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: "#query/limit" }] },
    });
  });

  test("stays to be seen for a while when a department goes down, marked stale, for the same person only", async () => {
    const { monitoring, funds } = await lists();
    let later = 0;
    const upstreams = { monitoring: monitoring.url, funds: funds.url };
    const gateway = await gatewayBefore(upstreams, {}, () => Date.now() + later);
    await read(gateway, "/api/v1/todo");
    await funds.close();
    const body = await readTodo(gateway);
    expect(body.parts[1]).toEqual({ service: "funds", state: "stale", asOf });
    expect(body.items).toHaveLength(3);
    const other = await readTodo(gateway, { claims: { ...officer, sub: "u-other" } });
    expect(other.parts[1]).toEqual({ service: "funds", state: "down", asOf: null });
    later = 16 * 60_000;
    expect((await readTodo(gateway)).parts[1]?.state).toBe("down");
  });
});

describe("a household's file", () => {
  const id = "0197b1d2-7c00-7000-8000-000000000001";
  const path = `/api/v1/households/${id}/file`;
  const keeping = (service: string, status: 200 | 403 | 404) =>
    serveDepartment(new Hono().get(`/api/v1/${service}/households/${id}/file`, (c) => c.json({ asOf, of: service }, status)));

  test("is put together from what each department has", async () => {
    const gateway = await gatewayBefore({
      monitoring: (await keeping("monitoring", 200)).url,
      employment: (await keeping("employment", 404)).url,
      industry: await deadAddress(),
      funds: (await keeping("funds", 403)).url,
    });
    const { body } = await read(gateway, path);
    expect(body).toEqual({
      householdId: id,
      parts: [
        { service: "monitoring", state: "ok", asOf, file: { asOf, of: "monitoring" } },
        { service: "employment", state: "missing", asOf: null, file: null },
        { service: "industry", state: "down", asOf: null, file: null },
        { service: "funds", state: "missing", asOf: null, file: null },
      ],
    });
  });

  test("goes on while monitoring is down", async () => {
    const employment = await keeping("employment", 200);
    const gateway = await gatewayBefore({ monitoring: await deadAddress(), employment: employment.url });
    const { body } = await read(gateway, path);
    expect(body).toMatchObject({ parts: [{ state: "down" }, { state: "ok" }] });
  });

  test.each([
    [404, 404, "household-not-found"],
    [403, 403, "role-not-allowed"],
  ] as const)("monitoring's %i is the answer whatever the others know", async (said, status, code) => {
    const [monitoring, employment] = [await keeping("monitoring", said), await keeping("employment", 200)];
    const gateway = await gatewayBefore({ monitoring: monitoring.url, employment: employment.url });
    expect(await read(gateway, path)).toMatchObject({ status, body: { code } });
  });

  test("an id that is none is not asked about", async () => {
    const gateway = await gatewayBefore({});
    expect(await read(gateway, "/api/v1/households/1/file")).toMatchObject({
      status: 404,
      body: { code: "household-not-found" },
    });
  });

  test("cannot be written here", async () => {
    const gateway = await gatewayBefore({});
    const response = await fetch(gateway + path, { method: "DELETE", headers: await signedIn() });
    expect(response.status).toBe(405);
  });
});
