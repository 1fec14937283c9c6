import { until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { endDeadline, openDeadline, todoFor } from "./deadline.ts";
import { system } from "./principal.ts";
import { clinic } from "./testing/clinic.testing.ts";
import { noNats, startWard, type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

let database: WardDatabase;
let db: Database<Record<never, never>>;
beforeEach(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  db = openDatabase(database.url);
});
afterEach(async () => {
  await db.close();
  await database.drop();
});

const anHour = 3_600_000;
const ids = new Map<string, string>();
/** A lead's id under a name that a test can read. */
const idOf = (name: string): string => {
  const id = ids.get(name) ?? uuidv7();
  ids.set(name, id);
  return id;
};
const nameOf = (id: string) => [...ids].find(([, known]) => known === id)?.[0];
const clock = (name: string, dueInMs: number, more: object = {}) => ({
  kind: "verify",
  clause: "M-05",
  entity: "lead",
  entityId: idOf(name),
  region: "451228100003",
  role: "township-officer",
  startedAt: new Date(Date.now() - 10 * anHour),
  dueAt: new Date(Date.now() + dueInMs),
  ...more,
});
const open = (...clocks: ReturnType<typeof clock>[]) =>
  db.withTx(system("test"), async (tx) => {
    const started = [];
    for (const one of clocks) started.push(await openDeadline(tx, one));
    return started;
  });

describe("a deadline", () => {
  test("that passed is told of once, as an event, even with two instances of the service", async () => {
    await open(clock("late-1", -anHour), clock("late-2", -anHour), clock("in-time", anHour));
    const wards = await Promise.all([1, 2].map(() => startWard(clinic, database, noNats)));
    const overdue =
      "select envelope::json -> 'data' ->> 'aboutId' as about from kit.outbox where envelope::json ->> 'type' like 'social.%overdue.v1' order by 1";
    await until(async () => (await database.rows(overdue)).length >= 2, { what: "both to be told of" });
    // Each instance has looked again when a clock started later is told of.
    await open(clock("late-3", -anHour));
    await until(async () => (await database.rows(overdue)).length >= 3, { what: "the third to be told of" });
    const told = await database.rows<{ about: string }>(overdue);
    expect(told.map((event) => nameOf(event.about)).sort()).toEqual(["late-1", "late-2", "late-3"]);
    await Promise.all(wards.map((ward) => ward.stop()));
  });

  test("that cannot be told of is put aside and audited; the others are told of", async () => {
    const bad = clock("bad", -2 * anHour, { clause: "no clause" });
    await open(bad, clock("good", -anHour));
    const ward = await startWard(clinic, database, noNats);
    const told = await until(async () => {
      const events = await database.rows<{ about: string }>(
        "select envelope::json -> 'data' ->> 'aboutId' as about from kit.outbox where envelope::json ->> 'type' like 'social.%overdue.v1'",
      );
      return events.length > 0 ? events : undefined;
    });
    await ward.stop();
    expect(told.map(({ about }) => nameOf(about))).toEqual(["good"]);
    const aside = await database.rows(
      "select d.entity_id, d.overdue_at is not null as overdue from kit.deadline d join kit.audit a on a.entity_id = d.id::text where a.action = 'deadline-not-tellable'",
    );
    expect(aside).toEqual([{ entity_id: bad.entityId, overdue: true }]);
  });

  test("runs once per kind and entity, and again after it ended", async () => {
    expect(await open(clock("a", anHour), clock("a", anHour))).toEqual([true, false]);
    const end = () => db.withTx(system("test"), (tx) => endDeadline(tx, "verify", "lead", idOf("a"), "met", new Date()));
    expect([await end(), await end()]).toEqual([true, false]);
    expect(await open(clock("a", anHour))).toEqual([true]);
  });

  test("is due for those of its role and area, or for its assignee alone, the most urgent first", async () => {
    await open(
      clock("later", 2 * anHour),
      clock("sooner", anHour),
      clock("mine", 3 * anHour, { assignee: "me" }),
      clock("other-role", anHour, { role: "county-officer" }),
      clock("elsewhere", anHour, { region: "450102001001" }),
    );
    const due = async (subject: string, region: string) => {
      const who = { issuer: "i", subject, roles: ["township-officer"] as const, region };
      return (await db.withTx(who, (tx) => todoFor(tx, who.roles, subject, 10))).map((deadline) => nameOf(deadline.entityId));
    };
    expect(await due("me", "451228100")).toEqual(["sooner", "later", "mine"]);
    expect(await due("you", "451228100")).toEqual(["sooner", "later"]);
    expect(await due("you", "450102")).toEqual(["elsewhere"]);
  });

  test("is shown to the level above too once it has been late for long enough, and to nobody else", async () => {
    const late = (name: string, hours: number) =>
      clock(name, -3 * anHour, {
        assignee: "me",
        escalate: { role: "city-officer", at: new Date(Date.now() - hours * anHour) },
      });
    await open(late("told", 1), late("not-yet", -1));
    const due = async (role: "city-officer" | "township-officer", region: string) => {
      const who = { issuer: "i", subject: "you", roles: [role], region };
      return (await db.withTx(who, (tx) => todoFor(tx, who.roles, "you", 10))).map((deadline) => nameOf(deadline.entityId));
    };
    expect(await due("city-officer", "4512")).toEqual(["told"]);
    expect(await due("city-officer", "4501")).toEqual([]);
    expect(await due("township-officer", "451228100")).toEqual([]);
  });
});

describe("a schedule with a slot", () => {
  test("runs once for it, whatever instances run and restart", async () => {
    for (const _ of [1, 2]) {
      const wards = await Promise.all([1, 2].map(() => startWard(clinic, database, noNats)));
      await until(async () => (await database.rows("select from clinic.round")).length > 0, { what: "the first round" });
      await Promise.all(wards.map((ward) => ward.stop()));
    }
    expect(await database.rows("select from clinic.round")).toHaveLength(1);
    await database.rows("update kit.schedule set last_slot = '2000-01-01' where name = 'test-rounds'");
    const ward = await startWard(clinic, database, noNats);
    await until(async () => (await database.rows("select from clinic.round")).length === 2, { what: "the next slot's round" });
    await ward.stop();
  });
});
