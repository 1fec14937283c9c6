import { asAdmin } from "@shouwang/local";
import { headers } from "nats";
import type { Bus } from "../../packages/service-kit/src/bus.ts";
import { createStream } from "../../packages/service-kit/src/stream.ts";

const windowSize = 256;

/** Events a second that the client alone publishes with so many under way at once, into a stream like a department's: the same bodies, as many headers, nothing else. */
export async function publishWindowed(bus: Bus, adminUrl: string, events: number): Promise<number> {
  const about = "The client alone; sequence = outbox position";
  await createStream(bus.jsm, { name: "RAW", subjects: ["raw.>"], about, replicas: 1, deny_purge: false }, 1, 0);
  const bodies = await asAdmin(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ envelope: string }>("select envelope from kit.outbox order by id limit $1", [events]);
    return rows.map(({ envelope }) => envelope);
  });
  const from = performance.now();
  let next = 0;
  const publisher = async () => {
    while (next < bodies.length) {
      const at = next++;
      const header = headers();
      for (const name of ["content-type", "ce-id", "ce-type", "ce-source", "ce-subject", "ce-time", "sw-position", "sw-epoch"])
        header.set(name, "0190b2c4-0000-7000-8000-000000000001");
      await bus.js.publish("raw.household.changed.v1.4512.451228", bodies[at] ?? "", {
        headers: header,
        expect: { lastSequence: at },
      });
    }
  };
  await Promise.all(Array.from({ length: windowSize }, publisher));
  const rate = (bodies.length * 1_000) / (performance.now() - from);
  await bus.jsm.streams.delete("RAW");
  return rate;
}
