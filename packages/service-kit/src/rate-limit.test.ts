import { testIssuer } from "@shouwang/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { readConfig } from "./config.ts";
import { limitSetting } from "./rate-limit.ts";
import { type VaultDb, vault } from "./testing/vault.testing.ts";
import {
  type Callers,
  noNats,
  startWard,
  type Ward,
  type WardDatabase,
  wardDatabase,
  wardEnvironment,
} from "./testing/ward.testing.ts";

const county = "451228";
const region = "451228100003";
let database: WardDatabase;
let wards: Ward<VaultDb>[];
beforeAll(async () => {
  database = await wardDatabase(vault, "kit_vault");
  const limits = {
    RATE_READS: "3/m",
    RATE_WRITES: "3/m",
    RATE_UPLOADS: "2/m",
    RATE_SEARCHES: "2/m",
    RATE_UNSIGNED: "4/m",
    RATE_REVEALS: "5/d",
    RATE_EXEMPT: ["other|x", ...["robot", "curious", "another"].map((who) => `${testIssuer().issuer}|${who}`)].join(", "),
  };
  wards = await Promise.all([0, 1].map(() => startWard(vault, database, noNats, limits)));
});
afterAll(async () => {
  await Promise.all(wards.map((ward) => ward.stop()));
  await database.drop();
});

const as = (subject: string, at = 0): ReturnType<Callers> => {
  const ward = wards[at];
  if (!ward) throw new Error("no such instance");
  return ward.as("county-officer", county, subject);
};
type Caller = ReturnType<Callers>;
const person = (n = 0) => ({ region, name: "韦大明", identityNumber: `45122819800101${n}` });
const upload = async (who: Caller) => {
  const form = new FormData();
  form.set("region", region);
  form.set("file", new Blob(["x"]), "x.txt");
  return await who.post("/evidence", form);
};

describe("too many requests", () => {
  test.each<[string, number, (who: Caller, n: number) => ReturnType<Caller["get"]>]>([
    ["reads", 3, (who) => who.get("/todo")],
    ["writes", 3, (who, n) => who.post("/people", person(n))],
    ["searches", 2, (who) => who.post("/people/search", { identityNumber: "1" })],
    ["uploads", 2, upload],
  ])(
    "of one person's %s are answered 429 with when to try again; others, and the person's other requests, go on",
    async (kind, limit, send) => {
      const [eager, other] = [as(`eager-${kind}`), as(`other-${kind}`)];
      for (let n = 0; n < limit; n += 1) expect((await send(eager, n)).status).toBeLessThan(300);
      const refused = await send(eager, limit);
      expect(refused).toMatchObject({ status: 429, json: { code: "rate-limited", type: "/problems/rate-limited" } });
      const retryAfter = Number(refused.headers.get("retry-after"));
      expect(retryAfter).toBeGreaterThan(0);
      expect(retryAfter).toBeLessThanOrEqual(60);
      expect(refused.json).toMatchObject({
        detail: `请在 ${retryAfter} 秒后再试`,
        en: { detail: `Try again in ${retryAfter} s` },
      });
      expect((await send(other, 9)).status).toBeLessThan(300);
      expect(
        (kind === "reads" ? await eager.post("/people/search", { identityNumber: "1" }) : await eager.get("/todo")).status,
      ).toBe(200);
    },
  );

  test("do not exist for an account that is exempt", async () => {
    const robot = as("robot");
    const replies = await Promise.all(Array.from({ length: 60 }, (_, n) => robot.post("/people", person(100 + n))));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
  });

  test("of nobody who is signed in count against their address, forged tokens too; who is signed in goes on from there", async () => {
    const path = `${wards[0]?.url}/api/v1/industry/todo`;
    const send = (headers: Record<string, string>) => fetch(path, { headers }).then((reply) => reply.status);
    const statuses = [];
    for (const headers of [{}, { authorization: "Bearer forged" }, {}, { authorization: "Bearer x.y.z" }, {}])
      statuses.push(await send(headers));
    expect(statuses).toEqual([401, 401, 401, 401, 429]);
    expect((await as("signed-in").get("/todo")).status).toBe(200);
  });
});

describe("reveals", () => {
  test("of one person are counted over all instances, to the last one, in business days, exempt or not; one that finds nothing does not count", async () => {
    const kept = await as("robot").post("/people", person(7));
    const reveal = (at: number, who = "curious", id = kept.json["personId"]) =>
      as(who, at).post(`/people/${id}/reveal`, undefined);
    expect((await reveal(0, "curious", crypto.randomUUID())).status).toBe(404);
    const replies = await Promise.all(Array.from({ length: 24 }, (_, n) => reveal(n % 2)));
    const counts = replies.map(({ status }) => status);
    expect(counts.filter((status) => status === 200)).toHaveLength(5);
    expect(counts.filter((status) => status === 429)).toHaveLength(19);
    expect(await database.rows("select from kit.audit where action = 'reveal'")).toHaveLength(5);
    const refused = await reveal(0);
    expect(refused.json["detail"]).toContain("每人每日最多查看 5 次");
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(86_400);
    expect((await reveal(1, "another")).status).toBe(200);
    await database.admin.query("update kit.clock set offset_ms = offset_ms + 86400000");
    expect((await reveal(1)).status).toBe(200);
  });
});

describe("a configured limit", () => {
  test.each([
    ["500/10s", { requests: 500, seconds: 10 }],
    ["60/m", { requests: 60, seconds: 60 }],
    ["50/d", { requests: 50, seconds: 86_400 }],
    ["off", undefined],
    ["", { requests: 1, seconds: 1 }],
    [undefined, { requests: 1, seconds: 1 }],
  ])("%s is %o", (text, limit) => expect(limitSetting("1/s").parse(text)).toEqual(limit));

  test.each(["0/s", "-1/s", "5", "5/x", "5/0", "many/m"])("%s is refused by its variable's name", (RATE_WRITES) => {
    expect(() => limitSetting("1/s").parse(RATE_WRITES)).toThrow(z.ZodError);
    expect(() => readConfig({ ...wardEnvironment(database, noNats), RATE_WRITES })).toThrow(
      "configuration is missing or wrong: RATE_WRITES",
    );
  });
});
