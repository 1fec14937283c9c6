import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Office, offices, startOffice, village } from "../office.testing.ts";

let office: Office;
beforeAll(async () => {
  office = await startOffice();
  await load("451228000000", "minimumWage.class", "class-2");
});
afterAll(() => office.stop());

const township = () => office.as(...offices.township);
const county = () => office.as(...offices.county);
const load = async (region: string, key: string, value: unknown, validFrom = "2022-01-01") => {
  const row = { region, key, value, validFrom, validTo: null };
  const loaded = await office.as(...offices.province).post("/loadings", { document: "桂人社发〔2022〕9号", rows: [row] });
  expect(loaded.status, JSON.stringify(loaded.json)).toBeLessThan(300);
};
const entry = {
  ...{ region: village, kind: "cleaning", mode: "monthly", source: "bridging-fund-county", headcount: 2, rateFen: 80_000 },
  ...{ unitsPerMonth: 22, from: "2022-02-01", title: "村道保洁员", place: "韦家屯至村委会" },
};
const plan = (more: Record<string, unknown> = {}) => township().post("/public-welfare-posts", { ...entry, ...more });
const document = "都人社发〔2022〕12号";
const confirm = (path: string, confirmed = true) => county().post(`${path}/confirmation`, { confirmed, document });
const pathOf = (reply: { json: Record<string, unknown> }) => `/public-welfare-posts/${reply.json["postId"]}`;
/** A post that is open. */
async function opened(more: Record<string, unknown> = {}) {
  const planned = await plan(more);
  expect(planned.status, JSON.stringify(planned.json)).toBe(201);
  const path = pathOf(planned);
  expect((await confirm(path)).json).toMatchObject({ status: "confirmed" });
  expect((await township().post(`${path}/opening`, {})).json).toMatchObject({ status: "open" });
  return path;
}
const told = async (path: string) =>
  (await office.outbox())
    .filter(({ subject }) => subject === `public-welfare-post/${path.split("/").at(-1)}`)
    .map(({ type, sequence }) => `${type.split(".")[2]} ${sequence}`);

describe("a public-welfare post", () => {
  test("is planned by the township, confirmed by the county, opened, changed from the first of a month, and closed", async () => {
    const planned = await plan();
    expect(planned.json).toMatchObject({ status: "planned", standardFen: 80_000, title: "村道保洁员" });
    expect(planned.json["explanation"]).toEqual([
      expect.objectContaining({ code: "within-ceiling", clause: "E-04", document: "广西2020年3月起执行的最低工资标准" }),
      expect.objectContaining({ code: "floor-not-loaded" }),
    ]);
    const path = pathOf(planned);
    expect((await township().post(`${path}/opening`, {})).json["code"]).toBe("post-state");
    expect((await township().post(`${path}/confirmation`, { confirmed: true, document })).json["code"]).toBe("role-not-allowed");
    await confirm(path);
    expect((await confirm(path)).json["code"]).toBe("post-state");
    expect(await told(path)).toEqual([]);
    await township().post(`${path}/opening`, {});
    const change = (more: Record<string, unknown> = {}) =>
      township().post(`${path}/terms`, { headcount: 3, rateFen: 90_000, unitsPerMonth: 22, from: "2022-09-01", ...more });
    expect((await change({ from: "2022-09-02" })).json).toMatchObject({ errors: [{ pointer: "/from", rule: "first-of-month" }] });
    expect((await change({ rateFen: 189_601 })).json["code"]).toBe("post-above-ceiling");
    expect((await change()).status).toBe(201);
    expect((await change()).json["code"]).toBe("post-terms-awaited");
    expect((await township().get(path)).json).toMatchObject({ headcount: 2, place: "韦家屯至村委会" });
    expect((await confirm(path)).json).toMatchObject({ headcount: 3, standardFen: 90_000, status: "open" });
    const close = (until: string) => county().post(`${path}/closing`, { until, because: "no-longer-needed" });
    expect((await close("2022-08-16")).json["code"]).toBe("invalid-input");
    expect((await close("2022-08-15")).json).toMatchObject({ status: "closed", until: "2022-08-15" });
    expect((await close("2022-08-15")).json["code"]).toBe("post-state");
    expect((await change()).json["code"]).toBe("post-state");
    expect((await township().get(path)).json["terms"]).toMatchObject([
      { n: 1, state: "confirmed", document, headcount: 2 },
      { n: 2, state: "confirmed", from: "2022-09-01", headcount: 3 },
    ]);
    expect(await told(path)).toEqual(["opened 1", "changed 2", "closed 3"]);
    const events = JSON.stringify((await office.outbox()).filter(({ subject }) => subject.startsWith("public-welfare-post/")));
    expect(events).not.toContain("保洁员");
  });

  test("is confirmed with the same person's plan by nobody, and refused terms leave it as it is", async () => {
    const planned = await office.as("township-officer", "451228101", "one").post("/public-welfare-posts", entry);
    const path = pathOf(planned);
    const answer = await office.as("county-officer", "451228", "one").post(`${path}/confirmation`, { confirmed: true, document });
    expect(answer.json["code"]).toBe("same-person-twice");
    expect((await confirm(path, false)).json).toMatchObject({ status: "refused" });
    const open = await opened();
    await township().post(`${open}/terms`, { headcount: 9, rateFen: 80_000, unitsPerMonth: 22, from: "2022-09-01" });
    expect((await confirm(open, false)).json).toMatchObject({ status: "open", headcount: 2 });
    expect(await told(open)).toEqual(["opened 1"]);
  });

  test.each<[string, Record<string, unknown>, string, string?]>([
    ["above the ceiling", { rateFen: 189_601 }, "post-above-ceiling"],
    ["in a county", { region: "451228000000" }, "outside-area"],
    ["nowhere", { region: "451228109999" }, "unknown-division"],
    ["that ends before it begins", { until: "2022-01-31" }, "invalid-input", "/until"],
    ["by task, paid by the month", { kind: "by-task" }, "invalid-input", "/mode"],
    ["of 32 days", { unitsPerMonth: 32 }, "invalid-input", "/unitsPerMonth"],
  ])("%s is refused", async (_, more, code, pointer) => {
    const { json } = await plan(more);
    expect(json["code"]).toBe(code);
    if (pointer) expect(json["errors"]).toMatchObject([{ pointer }]);
  });

  test("of another area is nobody's to see or decide", async () => {
    const nowhere = `/public-welfare-posts/${uuidv7()}`;
    const path = await opened();
    const other = office.as("county-officer", "451229");
    expect((await other.get(path)).json["code"]).toBe("post-not-found");
    expect((await other.post(`${path}/closing`, { until: "2022-08-15", because: "other" })).json["code"]).toBe("post-not-found");
    expect((await confirm(nowhere)).json["code"]).toBe("post-not-found");
    expect((await township().post(`${nowhere}/opening`, {})).json["code"]).toBe("post-not-found");
    const terms = { headcount: 1, rateFen: 1, unitsPerMonth: 1, from: "2022-09-01" };
    expect((await township().post(`${nowhere}/terms`, terms)).json["code"]).toBe("post-not-found");
  });
});

describe("what the county decides", () => {
  // A county of its own, where nobody has loaded the class of minimum wage yet.
  const there = { county: "451203", township: "451203100", village: "451203100001" };
  const clerk = () => office.as("township-officer", there.township);
  const officer = () => office.as("county-officer", there.county);
  const planned = async (more: Record<string, unknown>) =>
    await clerk().post("/public-welfare-posts", { ...entry, region: there.village, from: "2022-09-01", ...more });

  test("is held against the bounds once more, as they hold then: what was in order when it was planned may not be any more", async () => {
    expect((await planned({ rateFen: 171_601 })).json["code"]).toBe("post-ceiling-unknown");
    const high = pathOf(await planned({ rateFen: 171_600 }));
    const low = pathOf(await planned({ rateFen: 60_000 }));
    const decide = async (path: string) =>
      (await officer().post(`${path}/confirmation`, { confirmed: true, document })).json["code"] ?? "confirmed";
    const open = pathOf(await planned({ rateFen: 100_000 }));
    expect(await decide(open)).toBe("confirmed");
    expect((await clerk().post(`${open}/opening`, {})).status).toBe(200);
    const change = async (rateFen: number) =>
      (await clerk().post(`${open}/terms`, { headcount: 2, rateFen, unitsPerMonth: 22, from: "2022-09-01" })).json["code"];
    expect(await change(171_601)).toBe("post-ceiling-unknown");
    await load("450000000000", "minimumWage.class3", 130_000, "2022-09-01");
    expect(await decide(high)).toBe("post-ceiling-unknown");
    await load("451203000000", "minimumWage.class", "class-3", "2022-09-01");
    expect(await decide(high)).toBe("post-above-ceiling");
    await load("451203000000", "ruralAllowance.annual", 800_000, "2022-09-01");
    expect(await decide(low)).toBe("floor-reason-needed");
    expect(await change(60_000)).toBe("floor-reason-needed");
  });

  test("is decided for a list at once, each post by itself", async () => {
    const paths = [pathOf(await planned({ rateFen: 70_000 })), pathOf(await planned({ rateFen: 80_000 }))];
    const each = { confirmed: true, document };
    const nothing = await officer().post("/bulk/confirm-post", { each });
    expect(nothing.json["code"]).toBe("invalid-input");
    const items = paths.map((path) => ({ id: path.split("/").at(-1), version: 1 }));
    const started = await officer().post("/bulk/confirm-post", { items, each });
    expect(started.status, JSON.stringify(started.json)).toBe(202);
    const statuses = async () => await Promise.all(paths.map(async (path) => (await clerk().get(path)).json["status"]));
    await until(async () => (await statuses()).every((status) => status === "confirmed"), { what: "both", timeoutMs: 30_000 });
  });

  test("is planned and proposed by the township, and by nobody else", async () => {
    expect((await officer().post("/public-welfare-posts", entry)).json["code"]).toBe("role-not-allowed");
    const terms = { headcount: 1, rateFen: 1, unitsPerMonth: 1, from: "2022-09-01" };
    expect((await officer().post(`/public-welfare-posts/${uuidv7()}/terms`, terms)).json["code"]).toBe("role-not-allowed");
  });
});

describe("the figures of E-04 and E-05", () => {
  // A county of its own, so that nobody else's posts are counted.
  const there = { county: "451202", township: "451202001", village: "451202001001" };
  const at = (role: "township-officer" | "county-officer") =>
    office.as(role, role === "county-officer" ? there.county : there.township);
  const figures = async () => {
    const { json } = await at("county-officer").get("/clauses");
    const clauses = json["clauses"] as { indicators: { code: string; value: number; list: string }[] }[];
    return clauses.flatMap(({ indicators }) => indicators).filter(({ code }) => /^E-0[45]/.test(code));
  };
  const behind = async (list: string) => {
    const { json } = await at("county-officer").get(list.replace("/api/v1/employment", ""));
    return (json["items"] as { postId: string }[]).map(({ postId }) => postId);
  };

  test("count each post where its rate stands this month, and the places of the year, with the posts behind them", async () => {
    const open = async (more: Record<string, unknown>, closing?: string) => {
      const planned = await at("township-officer").post("/public-welfare-posts", { ...entry, region: there.village, ...more });
      expect(planned.status, JSON.stringify(planned.json)).toBe(201);
      const path = pathOf(planned);
      await at("county-officer").post(`${path}/confirmation`, { confirmed: true, document });
      await at("township-officer").post(`${path}/opening`, {});
      if (closing) await at("county-officer").post(`${path}/closing`, { until: closing, because: "funds-ended" });
      return path.split("/").at(-1) ?? "";
    };
    await load("451202000000", "ruralAllowance.annual", 540_000);
    expect(
      (await at("township-officer").post("/public-welfare-posts", { ...entry, region: there.village, rateFen: 40_000 })).json[
        "code"
      ],
    ).toBe("floor-reason-needed");
    const explained = await open({ rateFen: 40_000, floorReason: "part-time-duty", headcount: 3 });
    const within = await open({ rateFen: 60_000, from: "2021-05-01" });
    const daily = await open({ mode: "daily", rateFen: 2_000, unitsPerMonth: 10, headcount: 5 });
    const high = await open({ rateFen: 171_600 });
    await open({ from: "2021-03-01" }, "2021-12-31");
    const inSpring = await open({ headcount: 4 }, "2022-03-31");
    // Later in the year the allowance rises above a rate that was in order, and the county's class is loaded: the third.
    await load("451202000000", "ruralAllowance.annual", 800_000, "2022-07-01");
    await load("451202000000", "minimumWage.class", "class-3", "2022-07-01");
    const values = Object.fromEntries((await figures()).map(({ code, value }) => [code, value]));
    expect(values).toEqual({
      "E-04-below-floor-unexplained": 1,
      "E-04-below-floor": 1,
      "E-04-at-ceiling": 1,
      "E-04-above-ceiling": 0,
      "E-05": 3 + 2 + 5 + 2 + 4,
      "E-05-new": 3 + 5 + 2 + 4,
      "E-05-holders": 0,
      "E-04-pay-approved": 0,
      "E-04-pay-paid": 0,
    });
    const lists = Object.fromEntries((await figures()).map(({ code, list }) => [code, list]));
    expect((await behind(lists["E-04-below-floor"] ?? "")).sort()).toEqual([explained, within].sort());
    expect(await behind(lists["E-04-at-ceiling"] ?? "")).toEqual([high]);
    expect((await behind(lists["E-05-new"] ?? "")).sort()).toEqual([explained, daily, high, inSpring].sort());
    await load("450000000000", "minimumWage.class3", 130_000, "2022-08-01");
    expect((await figures()).find(({ code }) => code === "E-04-above-ceiling")?.value).toBe(1);
  });
});
