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
    path,
    act,
    did,
    /** Claims up to the township's check, in one go, since a posting takes days. */
    checked: async (claims: readonly { claimId: unknown; village: string }[]) => {
      await Promise.all(
        claims.map(async ({ claimId, village }) => {
          const { village: clerk } = officesOf(office, village);
          await did(clerk, claimId, "village-check");
          await did(clerk, claimId, "posting", { supervisionPhone: "0778-1234567" });
        }),
      );
      await office.advance(6);
      await Promise.all(
        claims.map(async ({ claimId, village }) => {
          // The day's own run may have cleared it already.
          const cleared = await act(officesOf(office, village).village, claimId, "clearing");
          if (cleared.status !== 200) expect(cleared.json["code"]).toBe("claim-state");
          await did(officesOf(office, village).township, claimId, "township-check");
        }),
      );
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

type Made = { claimId: unknown; village: string };
/**
 * Provokes every refusal that a kind's routes share, whatever it is for. Six claims of six people go in; afterwards a month and more
 * has passed.
 * @param of.spoil makes the rule say no of a claim that it allowed
 */
export async function provokeRefusals(
  office: Office,
  claims: ReturnType<typeof claimsAt>,
  of: {
    make(by?: ReturnType<Office["as"]>): Promise<Made>;
    again(claim: Made): Promise<{ status: number; json: Record<string, unknown> }>;
    spoil(claim: Made): Promise<void>;
  },
) {
  const codeOf = async (...given: Parameters<typeof claims.act>) => (await claims.act(...given)).json["code"];
  const early = await of.make();
  const { village, township, county, otherCounty } = officesOf(office, early.village);
  const others = [of.make(), of.make(), of.make(), of.make(township), of.make(county)] as const;
  const [spoiled, rejected, refused, byTownship, byCounty] = await Promise.all(others);
  const phone = { supervisionPhone: "0778-1234567" };
  const because = { because: "other", note: "材料不全" };
  for (const [who, what, body] of [
    [village, "posting", phone],
    [village, "objections", { content: "有异议" }],
    [township, "objections/answer", { upheld: false, answer: "不成立" }],
    [village, "clearing", {}],
    [township, "township-check", {}],
    [county, "approval", { sourceKinds: ["bridging-fund-county"] }],
    [county, "reopening", { grounds: "材料齐全" }],
    [county, "resending", { mended: "account" }],
    [county, "clawback", { finding: "other", note: "核查发现" }],
    [village, "return", { to: "draft", ...because }],
  ] as const)
    expect([what, await codeOf(who, early.claimId, what, body)]).toEqual([what, "claim-state"]);
  expect((await of.again(early)).json["code"]).toBe("claim-exists");

  // What was allowed is looked at again at each step.
  await of.spoil(spoiled);
  expect(await codeOf(village, spoiled.claimId, "village-check")).toBe("claim-not-eligible");

  // Whoever made it decides nothing of it.
  expect(await codeOf(village, rejected.claimId, "rejection", because)).toBe("same-person-twice");
  await claims.did(township, rejected.claimId, "rejection", because);
  const shown = (await county.get(`${claims.path}/${rejected.claimId}`)).json;
  expect(shown).toMatchObject({
    status: "rejected",
    appeal: { en: expect.stringContaining("somebody else") },
    notes: [{ text: "材料不全" }],
  });
  for (const { claimId } of [refused, byCounty, byTownship]) {
    await claims.did(village, claimId, "village-check");
    await claims.did(village, claimId, "posting", phone);
  }
  expect(await codeOf(village, refused.claimId, "village-check")).toBe("claim-state");
  expect(await codeOf(village, refused.claimId, "rejection", because)).toBe("role-not-allowed");
  expect(await codeOf(village, refused.claimId, "return", { to: "draft", ...because })).toBe("role-not-allowed");
  expect(await codeOf(village, refused.claimId, "voiding", { because: "other" })).toBe("role-not-allowed");
  await claims.did(village, refused.claimId, "objections", { content: "有异议" });
  expect(await codeOf(village, refused.claimId, "clearing")).toBe("claim-objection-open");
  await claims.did(township, refused.claimId, "objections/answer", { upheld: false, answer: "不成立" });
  expect(await codeOf(village, refused.claimId, "clearing")).toBe("claim-posting-running");
  await office.advance(6);
  for (const { claimId } of [refused, byCounty, byTownship]) {
    const cleared = await claims.act(village, claimId, "clearing");
    if (cleared.status !== 200) expect(cleared.json["code"]).toBe("claim-state");
  }
  expect(await codeOf(township, byTownship.claimId, "township-check")).toBe("same-person-twice");
  await of.spoil(byTownship);
  const second = office.as("township-officer", early.village.slice(0, 9), "second-township-officer");
  expect(await codeOf(second, byTownship.claimId, "township-check")).toBe("claim-not-eligible");
  for (const { claimId } of [refused, byCounty]) await claims.did(township, claimId, "township-check");
  const sources = (...sourceKinds: string[]) => ({ sourceKinds });
  expect(await codeOf(county, byCounty.claimId, "approval", sources("bridging-fund-county"))).toBe("same-person-twice");
  expect(await codeOf(county, refused.claimId, "approval", sources())).toBe("claim-source-missing");
  expect(await codeOf(county, refused.claimId, "approval", sources("donation"))).toBe("claim-source-not-allowed");
  await of.spoil(refused);
  expect(await codeOf(county, refused.claimId, "approval", sources("bridging-fund-county"))).toBe("claim-not-eligible");

  // A county rejects; another of its officers looks again, within the days, unless another claim was made since.
  await claims.did(county, refused.claimId, "rejection", because);
  expect(await codeOf(county, refused.claimId, "reopening", { grounds: "材料齐全" })).toBe("same-person-twice");
  const early2 = await claims.did(otherCounty, refused.claimId, "reopening", { grounds: "材料齐全" });
  expect(early2["status"]).toBe("cleared");
  await claims.did(county, early.claimId, "rejection", because);
  expect((await of.again(early)).status).toBe(201);
  expect(await codeOf(otherCounty, early.claimId, "reopening", { grounds: "材料齐全" })).toBe("claim-exists");
  await claims.did(village, spoiled.claimId, "voiding", { because: "made-in-error" });
  expect(await codeOf(county, spoiled.claimId, "voiding", { because: "other" })).toBe("claim-state");
  expect(await codeOf(county, spoiled.claimId, "rejection", because)).toBe("claim-state");
  await office.advance(31);
  expect(await codeOf(otherCounty, rejected.claimId, "reopening", { grounds: "材料齐全" })).toBe("claim-appeal-late");
  // What has waited too long is shown as late, in the list, by step and on the to-do list of whoever it waits for.
  const late = (await county.get(`${claims.path}?late=true&status=cleared`)).json["items"];
  expect(late).toContainEqual(expect.objectContaining({ claimId: byTownship.claimId, late: true }));
  const todo = (await township.get("/todo")).json["items"];
  expect(todo).toContainEqual(expect.objectContaining({ kind: "check-claim-in-township", entityId: byTownship.claimId }));
}
