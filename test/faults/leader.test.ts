import { type Broker, freshNats, type Line, openProxy, through, until } from "@shouwang/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Child, startChild } from "../../packages/service-kit/src/testing/child.testing.ts";
import { lastSequence } from "../../packages/service-kit/src/testing/source.testing.ts";
import type { WardDatabase } from "../../packages/service-kit/src/testing/ward.testing.ts";
import { check, note } from "./checker.ts";
import { clinicAndMirror, clinicLoad, clinicProducer, mirrorSubscriber } from "./clinic-load.ts";
import { openLedger } from "./ledger.ts";

/** A session that says nothing for so long loses the lead. */
const leadMs = 1_500;
/** Two instances of the clinic, each with a line of its own to the database. */
type Instance = { line: Line; child: Child };
const ledger = openLedger();
let broker: Broker;
let database: WardDatabase;
let mirrored: WardDatabase;
let reader: Child;
let both: Instance[];
beforeAll(async () => {
  [broker, [database, mirrored]] = await Promise.all([freshNats(), clinicAndMirror()]);
  const instance = async (): Promise<Instance> => {
    const line = await openProxy(Number(new URL(database.url).port));
    const at = { ...database, url: through(database.url, line) };
    const env = { RELAY_LEAD_MS: String(leadMs), DATABASE_STATEMENT_MS: "1000" };
    return { line, child: await startChild("clinic", at, broker.url, env) };
  };
  reader = await startChild("mirror", mirrored, broker.url);
  both = await Promise.all([instance(), instance()]);
});
afterAll(async () => {
  for (const child of [reader, ...both.map((one) => one.child)]) if (!child.ended()) await child.end("SIGKILL");
  await Promise.all(both.map(({ line }) => line.close()));
  await Promise.all([broker.remove(), database.drop(), mirrored.drop()]);
});

async function stateOf({ child }: Instance): Promise<string> {
  const ready = await fetch(`${child.url}/health/ready`);
  const { parts }: { parts: { relay: { kind: string } } } = Object(await ready.json());
  return parts.relay.kind;
}
/** Which of the two leads, and which stands by. */
const roles = () =>
  until(
    async () => {
      const states = await Promise.all(both.map(stateOf));
      const [leader, other] = states[0] === "running" ? both : [...both].reverse();
      return states.toSorted().join() === "running,standing-by" && leader && other && { leader, other };
    },
    { what: "one to lead and one to stand by" },
  );

test.each([
  ["paused", leadMs + 5_000, ({ child }: Instance) => child.signal("SIGSTOP"), ({ child }: Instance) => child.signal("SIGCONT")],
  [
    "cut off from its database without a word",
    leadMs + 5_000,
    ({ line }: Instance) => line.fallSilent(),
    ({ line }: Instance) => line.heal(),
  ],
  ["killed", 5_000, ({ child }: Instance) => child.signal("SIGKILL"), () => {}],
] as const)(
  "fault 6: the leading relay of two is %s under load: the other takes over, no gap, no reorder inside an entity",
  async (how, withinMs, strike, heal) => {
    const { leader, other } = await roles();
    // Whoever is struck gets no more commands: what they are answered then is another fault's matter.
    let struck = false;
    const load = clinicLoad(ledger, (n) => (n % 2 === 1 && !struck ? leader : other).child.as);
    await load.work(60);
    const before = await lastSequence(broker.url, "social");
    strike(leader);
    struck = true;
    const startedAt = performance.now();
    const stopLoad = load.workOn();
    await until(async () => (await stateOf(other)) === "running", { what: "the other to take over", timeoutMs: withinMs });
    const ledAfterMs = Math.round(performance.now() - startedAt);
    await until(async () => (await lastSequence(broker.url, "social")) > before + 5, { what: "the next events to be told" });
    note(
      `${how}: the other led after ${ledAfterMs} ms and told the next events after ${Math.round(performance.now() - startedAt)} ms`,
    );
    await stopLoad();
    // One that was paused wakes up with messages in its hands that have long been told: the stream refuses them.
    await heal(leader);
    await load.work(40);
    expect(ledger.odd()).toEqual([]);
    await check(ledger, clinicProducer(database, broker.url), [mirrorSubscriber(mirrored)]);
  },
);
