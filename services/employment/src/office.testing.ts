import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventDraft, Role } from "@shouwang/contract";
import { businessDate, type PrivateKeys, parsePrivateKeys } from "@shouwang/service-kit";
import { fakeSource, type Source } from "@shouwang/service-kit/testing/source";
import { privateKeyPair } from "@shouwang/service-kit/testing/teller";
import { startWard, type Ward, type WardDatabase, wardDatabase, wardEnvironment } from "@shouwang/service-kit/testing/ward";
import { type Broker, freshNats, signToken, until } from "@shouwang/testkit";
import type { DB } from "./db.ts";
import { employment } from "./index.ts";

/** A running employment service with a bus and a database of its own, and monitoring's streams without monitoring. */
export type Office = {
  ward: Ward<DB>;
  as: Ward<DB>["as"];
  /** What somebody signs in with, for requests of one's own making. */
  bearer(role: Role, region: string): Promise<string>;
  database: WardDatabase;
  broker: Broker;
  monitoring: Source;
  /** The environment it runs in, for an operator's command. */
  environment: Record<string, string>;
  today(): string;
  /** Business time passes: moves the test's clock on by whole days. */
  advance(days: number): Promise<void>;
  /** Monitoring tells events, at 09:00 of a day; today's where none is given. */
  publish(drafts: readonly EventDraft[], on?: string): Promise<void>;
  /** Monitoring tells private states. */
  tell(...drafts: EventDraft[]): Promise<void>;
  /** Waits until everything that was published has been read. */
  settled(): Promise<void>;
  outbox(): Promise<{ type: string; subject: string; sequence: string; data: Record<string, unknown> }[]>;
  stop(): Promise<void>;
};

/** @param clock business date the service believes it is, at 09:00 in Shanghai */
export async function startOffice(clock = "2022-08-15"): Promise<Office> {
  const broker = await freshNats();
  const database = await wardDatabase(employment, "employment");
  const monitoring = await fakeSource(broker.url, "monitoring");
  const [mine, theirs] = await Promise.all(["employment-1", "monitoring-1"].map(privateKeyPair));
  const file = join(mkdtempSync(join(tmpdir(), "shouwang-private-")), "private.json");
  writeFileSync(file, JSON.stringify({ own: [mine?.secret], others: { monitoring: theirs?.open } }));
  const telling: PrivateKeys = await parsePrivateKeys(
    JSON.stringify({ own: [theirs?.secret], others: { employment: mine?.open } }),
  );
  let offsetMs = new Date(`${clock}T09:00:00+08:00`).getTime() - Date.now();
  const own = { PRIVATE_KEYS_FILE: file, CLOCK_OFFSET_MS: String(offsetMs) };
  const ward = await startWard(employment, database, broker.url, own);
  const today = () => businessDate(new Date(Date.now() + offsetMs));
  const publish: Office["publish"] = async (drafts, on = today()) => {
    await monitoring.publish(
      ...drafts.map((draft) => ({ ...monitoring.envelope(draft), time: new Date(`${on}T09:00:00+08:00`).toISOString() })),
    );
  };
  return {
    ...{ ward, as: ward.as, database, broker, monitoring, today, publish },
    environment: { ...wardEnvironment(database, broker.url), ...own },
    bearer: async (role, region) =>
      `Bearer ${await signToken({ sub: `${role}-${region}`, sw_roles: [role], sw_region: region })}`,
    tell: (...drafts) => monitoring.tell(telling, ...drafts),
    settled: async () => {
      await until(
        async () => {
          const [lane] = await database.rows<{ position: number }>("select position from kit.lane where reader = 'registry'");
          return Number(lane?.position ?? 0) >= monitoring.last();
        },
        { what: "the registry to have read everything", timeoutMs: 30_000 },
      );
    },
    advance: async (days) => {
      offsetMs += days * 86_400_000;
      await database.rows("update kit.clock set offset_ms = offset_ms + $1::bigint * 86400000", [days]);
    },
    outbox: async () =>
      (await database.rows<{ envelope: string }>("select envelope from kit.outbox order by id")).map(({ envelope }) =>
        JSON.parse(envelope),
      ),
    stop: async () => {
      await ward.stop();
      await monitoring.close();
      await database.drop();
      await broker.remove();
    },
  };
}

/** Offices of the test's village and above it. */
export const village = "451228101201";
const township = "451228101";
const county = "451228";
export const offices: Record<"village" | "township" | "county" | "province", readonly [Role, string]> = {
  village: ["village-officer", village],
  township: ["township-officer", township],
  county: ["county-officer", county],
  province: ["region-officer", "45"],
};
