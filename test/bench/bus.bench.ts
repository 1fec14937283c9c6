import { randomBytes } from "node:crypto";
import { cloudEvent, HouseholdChanged, subjectOf } from "@shouwang/contract";
import { asAdmin } from "@shouwang/local";
import { monitoring } from "@shouwang/monitoring";
import { divisionsUnder } from "@shouwang/regions";
import { openDatabase, openLog, parseKeys } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { connectBus } from "../../packages/service-kit/src/bus.ts";
import { startLane } from "../../packages/service-kit/src/lane.ts";
import { outboxOutlet } from "../../packages/service-kit/src/outbox-outlet.ts";
import { startRelay } from "../../packages/service-kit/src/relay.ts";
import { rebuildInShadow } from "../../packages/service-kit/src/shadow-rebuild.ts";
import { above, type Bench, type Ground, type Measured, row, sized, timed, timesAtLeast, under, until } from "./bench.ts";
import { households, mirror } from "./mirror.ts";
import { publishWindowed } from "./raw-publish.ts";

const log = openLog("bench", "silent");
const key = () => randomBytes(32).toString("base64");
const keys = parseKeys(JSON.stringify({ current: "k1", keys: { k1: key() }, indexKey: key(), auditKey: key() }));
const versions = 4;

/** Committed events that nobody has published yet: changes of households, four of each, as the registry's own look. */
async function fillOutbox(adminUrl: string, events: number): Promise<void> {
  const villages = divisionsUnder("45", "village").map((division) => division.code as string);
  const { data } = HouseholdChanged.of("H", 1, "", HouseholdChanged.about.example);
  const template = JSON.stringify({
    ...cloudEvent(
      { ...HouseholdChanged.of(uuidv7(), 1, "450000000000", HouseholdChanged.about.example) },
      { id: uuidv7(), time: "2022-08-15T09:00:00.000+08:00", actor: "bench:officer" },
    ),
    id: "<event>",
    subject: "household/<household>",
    sequence: "<version>",
    region: "<region>",
    data: { ...data, householdId: "<household>", region: "<region>" },
  });
  await asAdmin(adminUrl, async (admin) => {
    await admin.query("set synchronous_commit = off");
    await admin.query(
      `with household as (select uuidv7() as id, ($1::text[])[1 + n % $2] as region, n from generate_series(0, $3::int - 1) n)
       insert into kit.outbox (event_id, subject, entity, entity_id, version, envelope)
       select event, replace($5, '.4500.450000', '.' || left(region, 4) || '.' || left(region, 6)), 'household', id, version, replace(replace(replace(replace($6, '<event>', event::text),
         '<household>', id::text), '<version>', version::text), '<region>', region)
       from (select uuidv7() as event, h.*, version from generate_series(1, $4::int) version cross join household h order by version, n) one`,
      [
        villages,
        villages.length,
        Math.ceil(events / versions),
        versions,
        subjectOf(HouseholdChanged.type, "450000000000"),
        template,
      ],
    );
    await admin.query("vacuum analyze kit.outbox");
  });
}

async function measureBus(ground: Ground, events: number): Promise<Measured[]> {
  const total = Math.ceil(events / versions) * versions;
  const told = await ground.database("monitoring", monitoring.migrations);
  const kept = await ground.database("employment", mirror.migrations);
  const { url } = await ground.nats();
  const stopping = new AbortController();
  const bus = await connectBus("bench", url, undefined, stopping.signal, log);
  if (!bus) throw new Error("NATS was not reached");
  const teller = openDatabase(told.url);
  const reader = openDatabase<Record<never, never>>(kept.url);
  try {
    ground.say(`laying out ${total} events`);
    await fillOutbox(told.adminUrl, total);

    ground.say("publishing by hand");
    const raw = await publishWindowed(bus, told.adminUrl, Math.min(total, 200_000));

    ground.say("relaying");
    const relay = startRelay({
      outlet: outboxOutlet("monitoring", 1),
      openSession: () => teller.openSession(60_000),
      bus: async () => bus,
      log,
    });
    const relaying = await timed(() => until(() => relay.published() === total));
    await relay.stop(5_000);

    ground.say("reading into a projection");
    const lane = startLane({ db: reader, bus: async () => bus, reader: households, keys, log });
    const reading = await timed(() => until(() => lane.state().position === total));
    await lane.stop();

    ground.say("replaying from the beginning");
    let outcome = "";
    const replaying = await timed(async () => {
      const given = {
        db: reader,
        bus,
        ownerUrl: kept.migrationUrl,
        appRole: "employment_app",
        reader: households,
        accept: false,
      };
      ({ outcome } = await rebuildInShadow({ ...given, keys, log }));
    });
    if (outcome !== "equal") throw new Error(`the replay came out ${outcome}`);
    const perSecond = (ms: number) => (total * 1_000) / ms;
    return [
      row("relay, from the outbox to the stream", perSecond(relaying), "events/s", { baseline: raw, goals: [timesAtLeast(0.8)] }),
      row("lane, from the stream into a projection", perSecond(reading), "events/s", { goals: [above(25_000)] }),
      row(`replay of ${total} events, with an equal hash`, replaying / 1_000, "s", { goals: [under(40)] }),
    ];
  } finally {
    stopping.abort();
    await bus.connection.close();
    await teller.close();
    await reader.close();
  }
}

export const busBench: Bench = {
  name: "bus",
  about: "events from the outbox to the stream, into another department's projection, and all of them once more",
  run: (ground, share) => measureBus(ground, sized(1_000_000, share, 400)),
};
