import {
  type EventDefinition,
  type EventDraft,
  FundSource,
  PaymentAccepted,
  PaymentClawedBack,
  PaymentPaid,
  PaymentRefused,
  type PaymentRequestState,
  PaymentReturned,
  PaymentState,
  PaymentWithdrawn,
} from "@shouwang/contract";
import { sql } from "kysely";
import { z } from "zod";
import type { PaymentOutcome } from "./claim-decide.ts";
import { businessNow } from "./clock.ts";
import type { Executor, Tx } from "./database.ts";
import { kitFor } from "./declare.ts";
import type { Reader } from "./reader.ts";

/** What a department asks funds to pay, once its claim is approved. The payment's id is the caller's, and names it for good. */
export type PaymentAsked = {
  paymentId: string;
  /** Entity of the claim, `transport-subsidy`. */
  claim: string;
  claimId: string;
  purpose: string;
  periodKey: string;
  personId: string | null;
  householdId: string | null;
  organisationId?: string | null;
  projectId?: string | null;
  /** Division of registration on the date that counts; it pays. */
  region: string;
  amountFen: number;
  /** Pools it may come from, in order of preference. */
  sourceKinds: readonly FundSource[];
  submitter: string;
  approver: string;
};

/** A department's three events that ask something of funds, as the contract's `paymentRequests` makes them. */
export type PaymentEvents = { requested: EventDefinition; withdrawn: EventDefinition; clawbackRequested: EventDefinition };

type Row = {
  id: string;
  claim: string;
  claim_id: string;
  purpose: string;
  period_key: string;
  person_id: string | null;
  household_id: string | null;
  organisation_id: string | null;
  project_id: string | null;
  region: string;
  amount_fen: number;
  source_kinds: string[];
  submitter: string;
  approver: string;
  attempt: number;
  asked: "requested" | "withdrawn" | "clawback-requested";
  version: number;
};

const stateOf = (row: Row): z.input<typeof PaymentRequestState> => ({
  paymentId: row.id,
  region: row.region,
  claim: row.claim,
  claimId: row.claim_id,
  purposeCode: row.purpose,
  periodKey: row.period_key,
  personId: row.person_id,
  householdId: row.household_id,
  organisationId: row.organisation_id,
  projectId: row.project_id,
  amountFen: row.amount_fen,
  sourceKinds: z.array(FundSource).parse(row.source_kinds),
  submitter: row.submitter,
  approver: row.approver,
  attempt: row.attempt,
  status: row.asked,
});

const eventNamed = {
  requested: "requested",
  withdrawn: "withdrawn",
  "clawback-requested": "clawbackRequested",
} as const;

/** What a department asks of funds, in the transaction of its own decision. Each answers the events that ask. */
export type Payments = {
  /**
   * Asks for payments, in one statement however many: a claim's, or the lines of an approved pay list, of which a job takes at most a thousand a chunk.
   * Asking for a claim that was asked for before changes nothing, so a chunk may be done again.
   */
  request(tx: Executor, asked: readonly PaymentAsked[], at: Date): Promise<EventDraft[]>;
  /** Asks again under the same payment, after what was wrong is mended: one attempt more. */
  again(tx: Executor, paymentId: string, sourceKinds?: readonly FundSource[]): Promise<EventDraft[]>;
  /** Takes the request back; what comes of it funds says. */
  withdraw(tx: Executor, paymentId: string): Promise<EventDraft[]>;
  /** Asks for a payment's money back. */
  clawBack(tx: Executor, paymentId: string): Promise<EventDraft[]>;
};

/** @param events the department's own, so that what it asks goes out under its name */
export function paymentsBy(events: PaymentEvents): Payments {
  const told = (rows: readonly Row[]): EventDraft[] =>
    rows.map((row) => events[eventNamed[row.asked]].of(row.id, row.version, row.region, stateOf(row)));
  const ask = async (
    tx: Executor,
    paymentId: string,
    what: Row["asked"],
    sources?: readonly FundSource[],
  ): Promise<EventDraft[]> => {
    const { rows } = await sql<Row>`update kit.payment_request set asked = ${what}, version = version + 1,
        attempt = attempt + ${what === "requested" ? 1 : 0}, source_kinds = coalesce(${sources ? [...sources] : null}::text[], source_kinds),
        outcome = case when ${what} = 'requested' then null else outcome end, because = case when ${what} = 'requested' then null else because end
      where id = ${paymentId} returning *`.execute(tx);
    if (rows.length === 0) throw new Error(`there is no payment ${paymentId}`);
    return told(rows);
  };
  return {
    request: async (tx, asked, at) => {
      if (asked.length === 0) return [];
      const given = asked.map(({ paymentId, organisationId, projectId, ...one }) => ({
        ...{ id: paymentId, claim: one.claim, claim_id: one.claimId, purpose: one.purpose, period_key: one.periodKey },
        ...{ person_id: one.personId, household_id: one.householdId, region: one.region, amount_fen: one.amountFen },
        ...{ organisation_id: organisationId ?? null, project_id: projectId ?? null, source_kinds: one.sourceKinds },
        ...{ submitter: one.submitter, approver: one.approver },
      }));
      const { rows } =
        await sql<Row>`insert into kit.payment_request (id, claim, claim_id, purpose, period_key, person_id, household_id, organisation_id,
          project_id, region, amount_fen, source_kinds, submitter, approver, requested_at)
        select id, claim, claim_id, purpose, period_key, person_id, household_id, organisation_id, project_id, region, amount_fen,
          array(select jsonb_array_elements_text(source_kinds)), submitter, approver, ${at}
        from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as given (id uuid, claim text, claim_id uuid, purpose text, period_key text, person_id uuid,
          household_id uuid, organisation_id uuid, project_id uuid, region text, amount_fen bigint, source_kinds jsonb, submitter text, approver text)
        order by id on conflict (claim, claim_id) do nothing returning *`.execute(tx);
      return told(rows);
    },
    again: (tx, paymentId, sources) => ask(tx, paymentId, "requested", sources),
    withdraw: (tx, paymentId) => ask(tx, paymentId, "withdrawn"),
    clawBack: (tx, paymentId) => ask(tx, paymentId, "clawback-requested"),
  };
}

export const PaymentView = z.object({
  paymentId: z.string(),
  attempt: z.int(),
  asked: z.enum(["requested", "withdrawn", "clawback-requested"]),
  outcome: PaymentState.shape.status.nullable().describe("Null while funds has not answered"),
  because: z.string().nullable().describe("Funds' reason of a refusal, or the bank's of a return"),
  source: z.string().nullable().describe("Pool it is paid from"),
  sourceKinds: z.array(z.string()),
  paidOn: z.string().nullable(),
});

/** How a payment stands, as shown beside its claim. */
export async function findPayment(tx: Executor, paymentId: string): Promise<z.input<typeof PaymentView> | undefined> {
  const { rows } = await sql<z.input<typeof PaymentView>>`select id as "paymentId", attempt, asked, outcome, because, source,
    source_kinds as "sourceKinds", paid_on as "paidOn" from kit.payment_request where id = ${paymentId}`.execute(tx);
  return rows[0];
}

/** Whoever asked for payments of one kind of claim, and what it does when funds has spoken; what it answers is told. */
export type Settler<Db> = {
  claim: string;
  settle(
    tx: Tx<Db>,
    said: { claimId: string; paymentId: string; outcome: PaymentOutcome; now: Date },
  ): Promise<readonly EventDraft[]>;
};

const answers = [PaymentAccepted, PaymentRefused, PaymentPaid, PaymentReturned, PaymentWithdrawn, PaymentClawedBack];

function outcomeOf(state: PaymentState): PaymentOutcome {
  switch (state.status) {
    case "refused":
      return { outcome: "refused", because: state.refusedBecause ?? "other" };
    case "returned":
      return { outcome: "returned", because: state.returnedBecause ?? "other" };
    case "paid":
      if (state.paidOn === null) throw new Error("a payment arrived on no day");
      return { outcome: "paid", paidOn: state.paidOn };
    default:
      return { outcome: state.status };
  }
}

/**
 * Takes what funds says of this department's payments: each word once, however often it is told, and never an older one after a newer. A payment nobody here
 * asked for is another department's, and is passed by.
 */
export function paymentReader<Db>(department: string, settlers: readonly Settler<Db>[]): Reader<Db> {
  const settlerOf = new Map(settlers.map((one) => [one.claim, one]));
  return kitFor<Db>().reaction({
    name: "payments",
    events: answers,
    apply: async (tx, { data, envelope }) => {
      const state = PaymentState.parse(data);
      if (state.requestedBy !== department) return [];
      const outcome = outcomeOf(state);
      const version = Number(envelope.sequence);
      const { rows } = await sql<{ claim: string; claim_id: string }>`update kit.payment_request set outcome = ${state.status},
          because = ${"because" in outcome ? outcome.because : null}, source = ${state.source}, paid_on = ${state.paidOn}, outcome_version = ${version}
        where id = ${state.paymentId} and outcome_version < ${version} returning claim, claim_id`.execute(tx);
      const [asked] = rows;
      const settler = asked && settlerOf.get(asked.claim);
      if (!asked || !settler) return [];
      return await settler.settle(tx, {
        claimId: asked.claim_id,
        paymentId: state.paymentId,
        outcome,
        now: await businessNow(tx),
      });
    },
  });
}
