import {
  LabourSubsidyApproved,
  LabourSubsidyClawedBack,
  LabourSubsidyPaid,
  LabourSubsidyRejected,
  LabourSubsidyState,
  PostPayApproved,
  PostPayClawedBack,
  PostPayPaid,
  PostPayRejected,
  PostPayState,
  TransportSubsidyApproved,
  TransportSubsidyClawedBack,
  TransportSubsidyPaid,
  TransportSubsidyRejected,
  TransportSubsidyState,
  YuluGrantApproved,
  YuluGrantClawedBack,
  YuluGrantPaid,
  YuluGrantRejected,
  YuluGrantState,
} from "@shouwang/contract";
import { businessDate, type Incoming } from "@shouwang/service-kit";
import { sql } from "kysely";
import { projection } from "../kit.ts";
import { creditOf, type EmploymentClaim, type PaymentKind } from "./credit-decide.ts";
import { dropCredits, saveCredits } from "./credit-store.ts";

/** The kinds of payment employment tells of, by the event's entity, and how their states are read. */
const claims: Record<string, { kind: PaymentKind; read: (data: unknown) => EmploymentClaim }> = {
  [TransportSubsidyPaid.entity]: { kind: "transport-subsidy", read: (data) => TransportSubsidyState.parse(data) },
  [LabourSubsidyPaid.entity]: { kind: "labour-subsidy", read: (data) => LabourSubsidyState.parse(data) },
  [PostPayPaid.entity]: { kind: "post-pay", read: (data) => PostPayState.parse(data) },
  [YuluGrantPaid.entity]: { kind: "yulu-grant", read: (data) => YuluGrantState.parse(data) },
};

const toldIn = ({ definition, data, envelope }: Incoming) => {
  const claim = claims[definition.entity];
  if (!claim) throw new Error(`no claim is known as ${definition.entity}`);
  const state = claim.read(data);
  const credit = creditOf(claim.kind, state, businessDate(new Date(envelope.time)));
  return { sourceId: state.claimId, credit: credit && { ...credit, version: Number(envelope.sequence) } };
};

/**
 * M-05: what employment paid to households, a line each. Every state of a claim is read, since one that was paid may turn out not to have arrived; the newest
 * decides, so that what is told twice or late changes nothing. Can be folded again from the stream's beginning.
 */
export const employmentCredits = projection({
  name: "employment-credits",
  events: [
    ...[TransportSubsidyApproved, TransportSubsidyRejected, TransportSubsidyPaid, TransportSubsidyClawedBack],
    ...[LabourSubsidyApproved, LabourSubsidyRejected, LabourSubsidyPaid, LabourSubsidyClawedBack],
    ...[PostPayApproved, PostPayRejected, PostPayPaid, PostPayClawedBack],
    ...[YuluGrantApproved, YuluGrantRejected, YuluGrantPaid, YuluGrantClawedBack],
  ],
  tables: ["monitoring.income_credit_employment"],
  reset: async (tx) => {
    await sql`delete from monitoring.income_credit_employment`.execute(tx);
  },
  applyAll: async (tx, batch) => {
    const told = batch.map(toldIn);
    await dropCredits(
      tx,
      told.filter(({ credit }) => !credit).map(({ sourceId }) => sourceId),
    );
    await saveCredits(
      tx,
      told.flatMap(({ credit }) => credit ?? []),
    );
  },
});
