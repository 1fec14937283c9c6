import {
  cloudEvent,
  EmploymentPaymentClawbackRequested,
  EmploymentPaymentRequested,
  EmploymentPaymentWithdrawn,
  PaymentAccepted,
  PaymentPaid,
  PaymentRequestState,
  PaymentReturned,
  type PaymentState,
} from "@shouwang/contract";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { type Database, openDatabase } from "./database.ts";
import { findPayment, type PaymentAsked, paymentReader, paymentsBy } from "./payment-request.ts";
import { actorOf, type Principal, system } from "./principal.ts";
import type { Incoming } from "./reader.ts";
import { type ClinicDb, clinic } from "./testing/clinic.testing.ts";
import { type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

let database: WardDatabase;
let db: Database<ClinicDb>;
beforeAll(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  db = openDatabase<ClinicDb>(database.url);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const payments = paymentsBy({
  requested: EmploymentPaymentRequested,
  withdrawn: EmploymentPaymentWithdrawn,
  clawbackRequested: EmploymentPaymentClawbackRequested,
});
const person = (subject: string): Principal => ({
  issuer: "https://login.example.org/realms/gx",
  subject,
  roles: ["county-officer"],
  region: "451228",
});
const line = (more: Partial<PaymentAsked> = {}): PaymentAsked => ({
  ...{ paymentId: uuidv7(), claim: "post-pay", claimId: uuidv7(), purpose: "public-welfare-post", periodKey: "2022-08" },
  ...{
    personId: uuidv7(),
    householdId: uuidv7(),
    region: "451228101201",
    amountFen: 80_000,
    sourceKinds: ["employment-subsidy-fund"],
  },
  ...{ submitter: actorOf(person("u-township-451228101")), approver: actorOf(person("u-county-451228")) },
  ...more,
});
const as = system("test");

describe("what is asked of funds", () => {
  test("names who acted as every department does, whatever the issuer's address and the subject are like", () => {
    const state = {
      ...EmploymentPaymentRequested.about.example,
      submitter: actorOf(person("u-1")),
      approver: actorOf(system("schedule:x")),
    };
    expect(PaymentRequestState.safeParse(state).success).toBe(true);
    for (const actor of ["https://login.example.org", "u-1", "https://login.example.org|", "somebody of the county|u-1"])
      expect([actor, PaymentRequestState.safeParse({ ...state, submitter: actor }).success]).toEqual([actor, false]);
  });

  test("is a whole pay list in sets, each line once however often a set is done", async () => {
    const lines = Array.from({ length: 2_500 }, () => line());
    const ask = async (from: number) =>
      await db.withTx(as, (tx) => payments.request(tx, lines.slice(from, from + 1_000), new Date()));
    const events = [await ask(0), await ask(1_000), await ask(1_000), await ask(2_000)];
    expect(events.map(({ length }) => length)).toEqual([1_000, 1_000, 0, 500]);
    expect(events[0]?.[0]).toMatchObject({
      type: "employment.payment.requested.v1",
      version: 1,
      data: { attempt: 1, status: "requested", amountFen: 80_000 },
    });
    const [kept] = await database.rows<{ n: number; fen: number }>(
      "select count(*)::int as n, sum(amount_fen)::bigint as fen from kit.payment_request",
    );
    expect(kept).toEqual({ n: 2_500, fen: 200_000_000 });
  });

  test("never by the one who approved it", async () => {
    const one = line({ approver: actorOf(person("u-1")), submitter: actorOf(person("u-1")) });
    await expect(db.withTx(as, (tx) => payments.request(tx, [one], new Date()))).rejects.toMatchObject({
      constraint: "payment_request_two_people",
    });
  });
});

describe("what funds says", () => {
  const settled: unknown[] = [];
  const reader = paymentReader<ClinicDb>("employment", [
    {
      claim: "post-pay",
      settle: async (_, { outcome }) => {
        settled.push(outcome);
        return [];
      },
    },
  ]);
  const say = async (
    asked: PaymentAsked,
    definition: typeof PaymentAccepted | typeof PaymentPaid | typeof PaymentReturned,
    version: number,
    more: Partial<z.input<typeof PaymentState>> = {},
  ) => {
    // Safe: the declaration parses its own example.
    const example = definition.about.example as z.input<typeof PaymentState>;
    const data = { ...example, paymentId: asked.paymentId, claim: asked.claim, claimId: asked.claimId, ...more };
    const draft = definition.of(asked.paymentId, version, asked.region, data);
    const envelope = cloudEvent(draft, { id: uuidv7(), time: "2022-09-01T09:00:00Z", actor: "test|funds" });
    const incoming: Incoming = { definition, envelope, data, position: 1 };
    // Safe: no handler of payments opens anything sealed.
    await db.withTx(as, (tx) => reader.apply(tx, incoming, undefined as never));
  };
  const stands = async ({ paymentId }: PaymentAsked) => await db.withReadTx(as, (tx) => findPayment(tx, paymentId));

  test("is taken once and in order, and what was asked again knows nothing of the time before", async () => {
    const one = line();
    await db.withTx(as, (tx) => payments.request(tx, [one], new Date()));
    await say(one, PaymentReturned, 2);
    await say(one, PaymentAccepted, 1);
    await say(one, PaymentReturned, 2);
    expect(settled.splice(0)).toEqual([{ outcome: "returned", because: "account-closed" }]);
    expect(await stands(one)).toMatchObject({ outcome: "returned", because: "account-closed", attempt: 1 });
    const again = await db.withTx(as, (tx) => payments.again(tx, one.paymentId, ["own-funds"]));
    expect(again).toEqual([
      expect.objectContaining({ version: 2, data: expect.objectContaining({ attempt: 2, sourceKinds: ["own-funds"] }) }),
    ]);
    expect(await stands(one)).toMatchObject({ outcome: null, because: null, attempt: 2, asked: "requested" });
    await say(one, PaymentReturned, 2);
    expect(await stands(one)).toMatchObject({ outcome: null });
    await say(one, PaymentPaid, 4);
    expect(await stands(one)).toMatchObject({ outcome: "paid", paidOn: "2022-10-12" });
  });

  test("of another department's payment is passed by, and of one that nobody knows", async () => {
    settled.splice(0);
    const one = line();
    await db.withTx(as, (tx) => payments.request(tx, [one], new Date()));
    await say(one, PaymentPaid, 1, { requestedBy: "industry" });
    await say(line(), PaymentPaid, 1);
    expect(await stands(one)).toMatchObject({ outcome: null });
    expect(settled).toEqual([]);
  });
});
