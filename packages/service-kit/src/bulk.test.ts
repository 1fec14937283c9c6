import { buffer } from "node:stream/consumers";
import { signToken, until } from "@shouwang/testkit";
import ExcelJS from "exceljs";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startChild } from "./testing/child.testing.ts";
import { type ClinicDb, clinic } from "./testing/clinic.testing.ts";
import { type Callers, noNats, startWard, type Ward, type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

const county = "451228";
const village = "451228100003";
let database: WardDatabase;
let ward: Ward<ClinicDb>;
let officer: ReturnType<Callers>;
beforeAll(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  ward = await startWard(clinic, database, noNats);
  officer = ward.as("county-officer", county);
});
afterAll(async () => {
  await ward.stop();
  await database.drop();
});

/** Puts files of these weights there, at version 1. */
const files = async (weights: readonly number[], region = village): Promise<{ id: string; version: number }[]> => {
  const ids = weights.map(() => uuidv7());
  await database.rows(
    "insert into clinic.file (id, region, weight, version) select id, $2, weight, 1 from unnest($1::uuid[], $3::int[]) as f (id, weight)",
    [ids, region, weights],
  );
  return ids.map((id) => ({ id, version: 1 }));
};
const weigh = (body: object, key?: string) => officer.post("/bulk/weigh-test-file", body, key);
const Job = z.object({ state: z.string(), totals: z.record(z.string(), z.number()) });
const ended = async (jobId: unknown, who = officer) =>
  await until(async () => {
    const job = Job.parse((await who.get(`/jobs/${jobId}`)).json);
    return job.state === "done" && job.totals;
  });
const Items = z.object({
  items: z.array(
    z.object({ id: z.string(), state: z.string(), version: z.number().nullable(), problem: z.looseObject({}).nullable() }),
  ),
  next: z.string().nullable(),
});
const itemsOf = async (jobId: unknown, query = "") => Items.parse((await officer.get(`/bulk-jobs/${jobId}/items${query}`)).json);

describe("a command given in bulk", () => {
  test("is decided for each thing by itself: what is refused, or breaks, spoils nothing for the others", async () => {
    const [good, stale, broken, refused, done, far, last] = [
      ...(await files([60, 61, -13, -1, 75])),
      ...(await files([62], "450102001001")),
      ...(await files([63])),
    ];
    const unknown = { id: uuidv7(), version: 1 };
    const items = [good, { ...stale, version: 7 }, broken, refused, done, far, unknown, last];
    const asked = await weigh({ items, each: { weight: 75 } });
    expect([asked.status, asked.json["items"]]).toEqual([202, 8]);
    expect(await ended(asked.json["jobId"])).toEqual({ items: 8, succeeded: 2, refused: 5, skipped: 1 });
    const all = await itemsOf(asked.json["jobId"]);
    expect(all.items.map(({ id, state, version, problem }) => [id, state, version, problem?.["code"]])).toEqual([
      [good?.id, "succeeded", 2, undefined],
      [stale?.id, "refused", null, "version-mismatch"],
      [broken?.id, "refused", null, "internal-error"],
      [refused?.id, "refused", null, "state-conflict"],
      [done?.id, "skipped", 1, undefined],
      [far?.id, "refused", null, "not-found"],
      [unknown.id, "refused", null, "not-found"],
      [last?.id, "succeeded", 2, undefined],
    ]);
    expect(all.items[3]?.problem).toMatchObject({ detail: { zh: "不能称" }, title: { en: expect.any(String) } });
    const weights = await database.rows("select weight, version::int from clinic.file where id = any($1::uuid[]) order by id", [
      [good, stale, broken, refused, far, last].map((file) => file?.id),
    ]);
    expect(weights).toEqual([
      { weight: 75, version: 2 },
      ...[61, -13, -1, 62].map((weight) => ({ weight, version: 1 })),
      { weight: 75, version: 2 },
    ]);
    const events = await database.rows("select entity_id from kit.outbox where entity_id = any($1::text[])", [
      items.map((item) => item?.id),
    ]);
    expect(events.map((event) => event["entity_id"])).toEqual([good?.id, last?.id]);
  });

  test("can choose by a filter, frozen before the first is done, and be read page by page", async () => {
    const light = await files([1, 2, 3]);
    const asked = await weigh({ filter: { lighterThan: 4 }, each: { weight: 5 } });
    // Too late for the list: it was frozen when the command was given.
    const later = await files([2]);
    expect(await ended(asked.json["jobId"])).toMatchObject({ succeeded: 3 });
    const first = await itemsOf(asked.json["jobId"], "?state=succeeded&limit=2");
    const second = await itemsOf(asked.json["jobId"], `?state=succeeded&limit=2&cursor=${first.next}`);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(light.map(({ id }) => id));
    expect(second.next).toBeNull();
    expect(await database.rows("select weight from clinic.file where id = $1", [later[0]?.id])).toEqual([{ weight: 2 }]);
  });

  test("can be read as a workbook by whoever has the area, and by nobody else", async () => {
    const asked = await weigh({ items: await files([8, -1]), each: { weight: 9 } });
    await ended(asked.json["jobId"]);
    const address = `${ward.url}/api/v1/social/bulk-jobs/${asked.json["jobId"]}`;
    const as = async (region: string) => ({
      authorization: `Bearer ${await signToken({ sub: "u", sw_roles: ["county-officer"], sw_region: region })}`,
    });
    const reply = await fetch(`${address}/workbook`, { headers: await as(county) });
    const workbook = new ExcelJS.Workbook();
    if (!reply.body) throw new Error("nothing came");
    await workbook.xlsx.load((await buffer(reply.body)).buffer);
    const sheet = workbook.worksheets[0];
    expect([2, 3].map((row) => [sheet?.getCell(row, 2).text, sheet?.getCell(row, 3).text])).toEqual([
      ["已办", ""],
      ["未通过", expect.stringContaining("不能称")],
    ]);
    for (const path of ["/workbook", "/items"])
      expect((await fetch(`${address}${path}`, { headers: await as("450102") })).status).toBe(404);
  });

  test("sent twice under one key is one job; another list under that key is refused", async () => {
    const items = await files([20]);
    const key = uuidv7();
    const [first, second] = await Promise.all([
      weigh({ items, each: { weight: 21 } }, key),
      weigh({ items, each: { weight: 21 } }, key),
    ]);
    expect(second?.json["jobId"]).toBe(first?.json["jobId"]);
    expect((await weigh({ items, each: { weight: 22 } }, key)).json["code"]).toBe("idempotency-key-reused");
    expect(await ended(first?.json["jobId"])).toMatchObject({ items: 1, succeeded: 1 });
  });

  test.each([
    ["neither list nor filter", async () => ({ each: { weight: 1 } }), 400, "items-or-filter"],
    ["both", async () => ({ items: await files([1]), filter: { lighterThan: 0 }, each: { weight: 1 } }), 400, "items-or-filter"],
    [
      "one thing twice",
      async () => ({ items: (await files([1])).flatMap((file) => [file, file]), each: { weight: 1 } }),
      400,
      "once-each",
    ],
    [
      "a body the single command would not take",
      async () => ({ items: await files([1]), each: { weight: "x" } }),
      400,
      "invalid-type",
    ],
  ])("is refused with %s", async (_, body, status, rule) => {
    const reply = await weigh(await body());
    expect([reply.status, reply.json["code"], reply.json["errors"]]).toEqual([
      status,
      "invalid-input",
      [expect.objectContaining({ rule })],
    ]);
  });

  test("takes no more than 5,000 things by a filter", async () => {
    await database.rows(
      "insert into clinic.file (id, region, weight, version) select gen_random_uuid(), '451228100004', 1000000, 1 from generate_series(1, 5001)",
    );
    const reply = await weigh({ filter: { lighterThan: 2_000_000 }, each: { weight: 1 } });
    expect(reply.json).toMatchObject({ status: 400, code: "invalid-input", errors: [{ pointer: "/filter", rule: "at-most" }] });
  });
});

test("killed in the middle, it goes on where it was: each thing once, totals exact", async () => {
  const own = await wardDatabase(clinic, "kit_clinic");
  try {
    const count = 420;
    await own.rows(
      "insert into clinic.file (id, region, weight, version) select gen_random_uuid(), $2, case when g % 7 = 0 then -1 else 60 end, 1 from generate_series(1, $1::int) g",
      [count, village],
    );
    const child = await startChild("clinic", own, noNats);
    const asked = await child
      .as("county-officer", county)
      .post("/bulk/weigh-test-file", { filter: { lighterThan: 61 }, each: { weight: 80 } });
    const jobId = asked.json["jobId"];
    const waiting = async () =>
      (await own.rows<{ n: number }>("select count(*)::int as n from kit.bulk_item where state = 'waiting'"))[0]?.n ?? 0;
    await until(async () => (await waiting()) < count);
    await child.end("SIGKILL");
    expect(await waiting()).toBeGreaterThan(0);
    const again = await startWard(clinic, own, noNats);
    expect(await ended(jobId, again.as("county-officer", county))).toEqual({
      items: 420,
      succeeded: 360,
      refused: 60,
      skipped: 0,
    });
    await again.stop();
    expect(
      await own.rows(
        "select weight, version::int, count(*)::int, (select count(*)::int from kit.outbox where entity <> 'audit') as events from clinic.file group by weight, version order by weight",
      ),
    ).toEqual([
      { weight: -1, version: 1, count: 60, events: 360 },
      { weight: 80, version: 2, count: 360, events: 360 },
    ]);
  } finally {
    await own.drop();
  }
});
