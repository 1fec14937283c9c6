import { type Broker, freshNats, until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChild } from "../../packages/service-kit/src/testing/child.testing.ts";
import { clinic } from "../../packages/service-kit/src/testing/clinic.testing.ts";
import { type WardDatabase, wardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";

let broker: Broker;
let database: WardDatabase;
beforeAll(async () => {
  [broker, database] = await Promise.all([freshNats(), wardDatabase(clinic, "kit_clinic")]);
});
afterAll(async () => {
  await Promise.all([broker.remove(), database.drop()]);
});

const planted = { name: "韦植入名", identityNumber: "451228197503054321", phone: "13987654321", account: "6228480012345678901" };
const values = Object.values(planted);
const found = (text: string) => values.filter((value) => text.includes(value));

test("a name, a number, a phone and an account of a command that succeeds or fails show up in no log line, event, audit row or answer", async () => {
  const child = await startChild("clinic", database, broker.url, { LOG_LEVEL: "trace" });
  const officer = child.as("county-officer", "451228");
  const visit = { fileId: uuidv7(), region: "451228100003", amountFen: 1, ...planted };
  const replies = [
    await officer.post("/visits", visit),
    await officer.post("/visits", { ...visit, trouble: "refuse" }),
    await officer.post("/visits", { ...visit, trouble: "throw" }),
    await officer.post("/visits", { ...visit, trouble: "constraint" }),
    await officer.post("/visits", { ...visit, trouble: "type" }),
    await officer.post("/visits", { ...visit, amountFen: planted.name }),
    await officer.post("/visits", { ...visit, [planted.name]: 1 }),
    await officer.post("/visits", `{"name":"${planted.name}",,,`),
    await officer.get(`/nowhere/${planted.identityNumber}`),
    await officer.get(`/test-files/${planted.identityNumber}`),
  ];
  expect(replies.map((reply) => reply.status)).toEqual([201, 409, 500, 500, 500, 400, 400, 400, 404, 404]);
  await until(() => (child.output().match(/"request"/g)?.length ?? 0) >= replies.length, { what: "a log line of each request" });
  expect(found(child.output())).toEqual([]);
  for (const reply of replies.slice(0, 6)) expect(found(JSON.stringify(reply.json))).toEqual([]);
  const tables = ["kit.outbox", "kit.audit", "kit.idempotency", "kit.dead_letter"];
  for (const table of tables) {
    const rows = await database.rows(`select t::text from ${table} t`);
    expect([table, found(JSON.stringify(rows))]).toEqual([table, []]);
  }
  await child.end("SIGTERM");
  expect(found(child.output())).toEqual([]);
});
