import type { EventDraft } from "@shouwang/contract";
import { fakeSource, type Source } from "@shouwang/service-kit/testing/source";
import { freshNats, until } from "@shouwang/testkit";
import { admin } from "./focus-household/focus.testing.ts";
import { type Office, startOffice } from "./office.testing.ts";

/** A running monitoring service, and employment's stream without employment. */
export type ToldOffice = Office & {
  employment: Source;
  /** Employment tells events, at 09:00 of a day; today's where none is given. */
  tell(drafts: readonly EventDraft[], on?: string): Promise<void>;
  /** Envelopes as they are, for what is told twice. */
  repeat(...envelopes: unknown[]): Promise<void>;
  /** Waits until every reader of employment has read everything that was told. */
  settled(): Promise<void>;
};

/** @param clock business date the service believes it is, at 09:00 in Shanghai */
export async function startToldOffice(clock: string): Promise<ToldOffice> {
  const broker = await freshNats();
  const employment = await fakeSource(broker.url, "employment");
  const office = await startOffice(clock, { NATS_URL: broker.url });
  return {
    ...office,
    get running() {
      return office.running;
    },
    employment,
    tell: async (drafts, on = office.today()) => {
      await employment.publish(
        ...drafts.map((draft) => ({ ...employment.envelope(draft), time: new Date(`${on}T09:00:00+08:00`).toISOString() })),
      );
    },
    repeat: (...envelopes) => employment.publish(...envelopes),
    settled: async () => {
      await until(
        async () => {
          const lanes = await admin(office, "select position from kit.lane where source = 'employment'");
          return lanes.length > 0 && lanes.every(({ position }) => Number(position) >= employment.last());
        },
        { what: "monitoring to have read what employment told", timeoutMs: 30_000 },
      );
    },
    stop: async () => {
      await office.stop();
      await employment.close();
      await broker.remove();
    },
  };
}
