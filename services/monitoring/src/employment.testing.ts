import type { EventDraft, WorkRecordState } from "@shouwang/contract";
import { fakeSource, type Source } from "@shouwang/service-kit/testing/source";
import { freshNats, until } from "@shouwang/testkit";
import { v7 as uuidv7 } from "uuid";
import type { z } from "zod";
import { admin } from "./focus-household/focus.testing.ts";
import { type Office, startOffice } from "./office.testing.ts";
import { registerCouple, village } from "./people.testing.ts";

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

export type Couple = { householdId: string; personId: string; spouseId: string };

/** A couple of the test's village, with who they are. */
export async function registeredPair(office: Office, more: Record<string, unknown> = {}): Promise<Couple> {
  const householdId = await registerCouple(office, more);
  const { json } = await office.as("village-officer", village).get(`/households/${householdId}`);
  const [head, spouse] = json["members"] as { personId: string }[];
  return { householdId, personId: String(head?.personId), spouseId: String(spouse?.personId) };
}

/** A claim of a household's member as employment tells of it; paid, where nothing else is said. */
export const claimOf = ({ householdId, personId }: Couple, more: Record<string, unknown> = {}) => ({
  ...{ claimId: uuidv7(), personId, householdId, region: village, amountFen: 90_000 },
  ...{ status: "paid" as const, paidOn: "2022-10-12" },
  ...more,
});
export const transport = (about: Couple, more: Record<string, unknown> = {}) => ({
  ...claimOf(about),
  ...{ payingCounty: "451228000000", year: 2022 },
  ...more,
});

export type Work = z.input<typeof WorkRecordState>;
/** A work record of a household's member as employment tells it; outside the region and running, where nothing else is said. */
export const workOf = ({ householdId, personId }: Pick<Couple, "householdId" | "personId">, more: Partial<Work> = {}): Work => ({
  ...{ workRecordId: uuidv7(), personId, householdId, region: village, scope: "outside-region", channel: "own-search" },
  ...{ from: "2022-03-05", until: null, monthlyWageFen: 420_000, endedBecause: null, status: "recorded" },
  ...more,
});
