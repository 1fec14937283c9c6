import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { signToken, until } from "@shouwang/testkit";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openFollowers } from "./follow.ts";
import { openLog } from "./log.ts";
import { type ClinicDb, clinic } from "./testing/clinic.testing.ts";
import { noNats, startWard, type Ward, type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

const county = "451228";
const village = "451228100003";
let database: WardDatabase;
let ward: Ward<ClinicDb>;
beforeAll(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  ward = await startWard(clinic, database, noNats);
});
afterAll(async () => {
  await ward.stop();
  await database.drop();
});

const claims = (more: object = {}) => ({ sub: "u", sw_roles: ["county-officer"], sw_region: county, ...more });
const follow = async (jobId: unknown, more: { url?: string; claims?: object; lastId?: string; signal?: AbortSignal } = {}) =>
  await fetch(`${more.url ?? ward.url}/api/v1/social/jobs/${jobId}/events`, {
    headers: {
      authorization: `Bearer ${await signToken(claims(more.claims))}`,
      ...(more.lastId === undefined ? {} : { "last-event-id": more.lastId }),
    },
    ...(more.signal ? { signal: more.signal } : {}),
  });
type Event = { event: string | undefined; id: string | undefined; data: { state: string; totals: Record<string, number> } };
const eventsOf = async (reply: Response): Promise<Event[]> =>
  (await reply.text())
    .split("\n\n")
    .filter((block) => block.includes("data: "))
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      return { event: field("event"), id: field("id"), data: JSON.parse(field("data") ?? "null") };
    });
const importOf = async (doses: number) =>
  (await ward.as("county-officer", county, "u").post("/imports", { doses, region: village })).json["jobId"];
/** A job that stands still: nobody in this service does its kind. */
const standing = async () =>
  (
    await database.rows<{ id: string }>(
      "insert into kit.job (id, kind, region, principal, input) values (gen_random_uuid(), 'nobody-does-it', $1, '{}', '{}') returning id",
      [village],
    )
  )[0]?.id;

describe("a job that is followed", () => {
  test("is told from where it stands to its end, totals rising, and then the stream ends", async () => {
    const jobId = await importOf(300);
    const reply = await follow(jobId);
    expect(reply.headers.get("content-type")).toContain("text/event-stream");
    const events = await eventsOf(reply);
    expect(events.at(-1)).toMatchObject({ event: "end", id: "30-done", data: { state: "done", totals: { doses: 300 } } });
    expect(events.slice(0, -1).map(({ event }) => event)).toEqual(events.slice(1).map(() => "state"));
    const counts = events.map(({ data }) => data.totals["doses"] ?? 0);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  test("is not told again to whoever has seen its end, and wholly to whoever has not", async () => {
    const jobId = await importOf(5);
    const all = await eventsOf(await follow(jobId));
    const last = all.at(-1)?.id ?? "";
    expect((await follow(jobId, { lastId: last })).status).toBe(204);
    expect(await eventsOf(await follow(jobId, { lastId: "0-queued" }))).toEqual([
      expect.objectContaining({ event: "end", id: last }),
    ]);
  });

  test("is served by any instance, whichever does the work", async () => {
    const other = await startWard(clinic, database, noNats);
    const jobId = await importOf(60);
    const told = await Promise.all(
      [ward.url, other.url].map(async (url) => (await eventsOf(await follow(jobId, { url }))).at(-1)),
    );
    await other.stop();
    expect(told).toEqual(told.map(() => expect.objectContaining({ event: "end", id: "6-done" })));
  });

  test("of another area is not found", async () => {
    const reply = await follow(await standing(), { claims: { sw_region: "450102" } });
    expect([reply.status, Object(await reply.json()).code]).toEqual([404, "not-found"]);
  });

  test("may be followed six times at once by one person; a place is free again when a client goes", async () => {
    const jobId = await standing();
    const gone = new AbortController();
    const who = { sub: "busy" };
    for (let n = 0; n < 6; n += 1) expect((await follow(jobId, { claims: who, signal: gone.signal })).status).toBe(200);
    const seventh = await follow(jobId, { claims: who });
    expect([seventh.status, Object(await seventh.json()).code, seventh.headers.get("retry-after")]).toEqual([
      429,
      "rate-limited",
      "5",
    ]);
    gone.abort();
    const freed = new AbortController();
    await until(async () => (await follow(jobId, { claims: who, signal: freed.signal })).status === 200);
    freed.abort();
  });

  test("is followed no longer than the token is good", async () => {
    const reply = await follow(await standing(), { claims: { exp: Math.floor(Date.now() / 1000) + 1 } });
    expect((await eventsOf(reply)).map(({ event, id }) => [event, id])).toEqual([["state", "0-queued"]]);
  });

  test("does not hold up a service that stops: its streams end at once", async () => {
    const other = await startWard(clinic, database, noNats);
    const reply = await follow(await standing(), { url: other.url, claims: { sub: "left" } });
    const read = eventsOf(reply);
    await other.stop();
    expect((await read).map(({ event }) => event)).toEqual(["state"]);
  });
});

test("a line on which nothing is to be told is kept alive by comments", async () => {
  const stopping = new AbortController();
  const followers = openFollowers({ stopping: stopping.signal, log: openLog("test", "silent"), everyMs: 5, heartbeatMs: 10 });
  const app = new Hono();
  const principal = { issuer: "i", subject: "u", roles: [], region: county };
  app.get("/", async (c) => {
    const answer = await followers.answer(c, {
      principal,
      expiresAt: Date.now() + 60_000,
      follow: { idOf: () => "1", ended: () => false },
      read: async () => ({ still: true }),
    });
    return answer instanceof Response ? answer : c.text("refused", 429);
  });
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Safe: a server listening on a TCP port has an AddressInfo.
  const reply = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  let text = "";
  const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
  while (text.split(": still here").length < 3) text += (await reader?.read())?.value ?? "";
  stopping.abort();
  while (!(await reader?.read())?.done);
  expect(text.match(/^data: /gm)).toHaveLength(1);
  server.close();
});
