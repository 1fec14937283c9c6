import {
  type EventDefinition,
  PaymentAccepted,
  PaymentClawedBack,
  PaymentPaid,
  PaymentRefused,
  PaymentRequestState,
  PaymentReturned,
  type PaymentState,
  PaymentWithdrawn,
} from "@shouwang/contract";
import { fakeSource, type Source } from "@shouwang/service-kit/testing/source";
import { until } from "@shouwang/testkit";
import { expect } from "vitest";
import type { z } from "zod";
import type { Office } from "./office.testing.ts";

type Word = z.output<typeof PaymentState>["status"];
const words: Record<Word, EventDefinition> = {
  ...{ accepted: PaymentAccepted, refused: PaymentRefused, paid: PaymentPaid },
  ...{ returned: PaymentReturned, withdrawn: PaymentWithdrawn, "clawed-back": PaymentClawedBack },
};

/** The department of funds without its service: it answers what this one asks. */
export type Funds = {
  source: Source;
  /** Answers the newest request for a claim, and waits until the answer has been read. */
  say(claimId: unknown, status: Word, more?: Partial<z.input<typeof PaymentState>>): Promise<void>;
  /** Tells everything it has ever said again, as a stream that was laid anew would. */
  sayAllAgain(): Promise<void>;
  /** What was asked about a claim, oldest first. */
  asked(claimId: unknown): Promise<z.output<typeof PaymentRequestState>[]>;
  close(): Promise<void>;
};

export async function openFunds(office: Office): Promise<Funds> {
  const source = await fakeSource(office.broker.url, "funds");
  const said: unknown[] = [];
  const versions = new Map<string, number>();
  const asked: Funds["asked"] = async (claimId) =>
    (await office.outbox())
      .filter(({ type, data }) => type.startsWith("employment.payment.") && data["claimId"] === claimId)
      .map(({ data }) => PaymentRequestState.parse(data));
  const read = async () =>
    await until(
      async () => {
        const [lane] = await office.database.rows<{ position: number }>(
          "select position from kit.lane where reader = 'payments'",
        );
        return Number(lane?.position ?? 0) >= source.last();
      },
      { what: "what funds said to have been read", timeoutMs: 30_000 },
    );
  return {
    source,
    asked,
    say: async (claimId, status, more = {}) => {
      const request = (await asked(claimId)).at(-1);
      if (!request) throw new Error(`nothing was asked about ${claimId}`);
      const { sourceKinds, submitter: _, approver: __, attempt: ___, ...core } = request;
      const version = (versions.get(core.paymentId) ?? 0) + 1;
      versions.set(core.paymentId, version);
      const draft = words[status].of(core.paymentId, version, core.region, {
        ...{ ...core, requestedBy: "employment", status, refusedBecause: null, returnedBecause: null },
        ...{ source: sourceKinds[0] ?? null, paidOn: null },
        ...more,
      });
      const envelope = source.envelope(draft);
      said.push(envelope);
      await source.publish(envelope);
      await read();
    },
    sayAllAgain: async () => {
      await source.publish(...said);
      await read();
    },
    close: () => source.close(),
  };
}

/** People of the offices that a claim in a village goes through, each another person. */
export const officesOf = (office: Office, village: string) => ({
  village: office.as("village-officer", village),
  township: office.as("township-officer", village.slice(0, 9)),
  county: office.as("county-officer", village.slice(0, 6)),
  otherCounty: office.as("county-officer", village.slice(0, 6), `second-county-officer-${village.slice(0, 6)}`),
});

/** Loads values of parameters for the whole region, or for a division. */
export async function load(
  office: Office,
  document: string,
  ...rows: { key: string; value: unknown; region?: string; validFrom?: string }[]
) {
  const reply = await office.as("region-officer", "45").post("/loadings", {
    document,
    rows: rows.map((row) => ({ region: "450000000000", validFrom: "2022-01-01", validTo: null, ...row })),
  });
  expect(reply.status, JSON.stringify(reply.json)).toBeLessThan(300);
}

/** The claims of one kind as people work on them. */
export function claimsAt(office: Office, path: string) {
  const act = async (who: ReturnType<Office["as"]>, claimId: unknown, what: string, body: unknown = {}) =>
    await who.post(`${path}/${claimId}/${what}`, body);
  const did = async (...given: Parameters<typeof act>) => {
    const reply = await act(...given);
    expect(reply.status, `${given[2]}: ${JSON.stringify(reply.json)}`).toBe(200);
    return reply.json;
  };
  return {
    act,
    did,
    /** Claims up to the township's check, in one go, since a posting takes days. */
    checked: async (claims: readonly { claimId: unknown; village: string }[]) => {
      for (const { claimId, village } of claims) {
        const { village: clerk } = officesOf(office, village);
        await did(clerk, claimId, "village-check");
        await did(clerk, claimId, "posting", { supervisionPhone: "0778-1234567" });
      }
      await office.advance(6);
      for (const { claimId, village } of claims) {
        // The day's own run may have cleared it already.
        const cleared = await act(officesOf(office, village).village, claimId, "clearing");
        if (cleared.status !== 200) expect(cleared.json["code"]).toBe("claim-state");
        await did(officesOf(office, village).township, claimId, "township-check");
      }
    },
    approve: async (claimId: unknown, village: string, body: Record<string, unknown> = {}) =>
      await act(officesOf(office, village).county, claimId, "approval", { sourceKinds: ["bridging-fund-county"], ...body }),
    status: async (claimId: unknown, village: string) =>
      (await officesOf(office, village).county.get(`${path}/${claimId}`)).json["status"],
    amend: async (claimId: unknown, village: string, version: number, body: unknown) => {
      const response = await fetch(`${office.ward.url}/api/v1/employment${path}/${claimId}`, {
        method: "PUT",
        headers: {
          authorization: await office.bearer("village-officer", village),
          ...{ "content-type": "application/json", "if-match": `"${version}"` },
        },
        body: JSON.stringify(body),
      });
      return { status: response.status, json: Object(await response.json()) as Record<string, unknown> };
    },
  };
}
