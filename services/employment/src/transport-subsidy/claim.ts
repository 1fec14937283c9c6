import {
  refuse,
  TransportSubsidyApproved,
  TransportSubsidyClawedBack,
  TransportSubsidyPaid,
  TransportSubsidyRejected,
} from "@shouwang/contract";
import {
  type BusinessDate,
  claimKindOf,
  type FurtherKeys,
  mayReach,
  type Principal,
  parameterFor,
  parseBusinessDate,
  statusTold,
  type Tx,
} from "@shouwang/service-kit";
import { type ClaimantDay, claimantOn } from "../claimant/decide.ts";
import { findClaimant, namesOf, nameToPost, poolsOf } from "../claimant/store.ts";
import type { DB } from "../db.ts";
import { postsDuring } from "../post-holder/time-store.ts";
import { assessTransport, dayThatCounts, factsOn } from "./decide.ts";
import { Entry, Facts } from "./facts.ts";
import { transportRules } from "./store.ts";
import type { TransportFacts } from "./terms-decide.ts";

/** Who was where on which day, for a claim that is made or looked at again. */
async function factsFor(
  tx: Tx<DB>,
  found: NonNullable<Awaited<ReturnType<typeof findClaimant>>>,
  day: ClaimantDay,
  about: { year: number; on: BusinessDate; today: BusinessDate; fareFen: number | null; proofs: readonly string[] },
): Promise<TransportFacts> {
  const facts = factsOn(found, day, { ...about, posts: [] });
  if (facts.workFrom === null) return facts;
  const posts = await postsDuring(tx, found.personId, { from: facts.workFrom, until: facts.workUntil });
  return factsOn(found, day, { ...about, posts });
}

/** What proves work that was recorded: how the record was made. */
async function proofsOf(tx: Tx<DB>, workRecordId: string | null): Promise<string[]> {
  const row =
    workRecordId === null
      ? undefined
      : await tx.selectFrom("employment.work_record").select("source").where("id", "=", workRecordId).executeTakeFirst();
  return row ? [row.source] : [];
}

/** Whether the office that makes a claim may make it for a day: the county of registration on that day pays, or, by setting, the one where the person lives now. */
async function paysHere(tx: Tx<DB>, actor: Principal, region: string, on: string): Promise<(day: ClaimantDay) => boolean> {
  const { value } = await parameterFor(tx, "transport.countyBasis", region, on);
  return (day) => value === "residence" || mayReach(actor, day.status.registeredIn);
}

/**
 * E-02: one payment a person and year for work outside the region. The registry knows no residence apart from the village that keeps a person today, so that is
 * the county that pays where the settings go by residence.
 */
export const transportSubsidy = claimKindOf<DB>()({
  kind: "transport-subsidy",
  path: "/transport-subsidies",
  title: { zh: "区外务工往返交通补助", en: "Transport subsidy for work outside the region" },
  clause: "E-02",
  purpose: "transport-subsidy",
  leavesToPeople: true,
  facts: Facts,
  entry: Entry,
  problems: ["person-not-found", "claim-registered-elsewhere", "claim-without-work"],
  prepare: async ({ tx, entry: { personId, year, on: asked, fareFen, proofs }, actor, today }) => {
    const claimant = await findClaimant(tx, personId);
    if (!claimant) return refuse("person-not-found");
    const afterClearance = (await parameterFor(tx, "eligibility.afterClearance", claimant.region, today)).value;
    const isHere = await paysHere(tx, actor, claimant.region, today);
    const on = asked === undefined ? dayThatCounts(claimant, { year, today, afterClearance, isHere }) : parseBusinessDate(asked);
    if (on === "no-work-away" || (on !== "registered-elsewhere" && (Number(on.slice(0, 4)) !== year || on > today)))
      return refuse("claim-without-work");
    const day = on === "registered-elsewhere" ? undefined : claimantOn(claimant, on);
    if (on === "registered-elsewhere" || !day || !isHere(day)) return refuse("claim-registered-elsewhere");
    const about = { year, on, today, fareFen: fareFen ?? null };
    const facts = await factsFor(tx, claimant, day, { ...about, proofs: proofs ?? [] });
    const here = mayReach(actor, day.status.registeredIn);
    return {
      ...{ subjectId: personId, personId, householdId: day.householdId, periodKey: String(year), on },
      region: here ? day.status.registeredIn : claimant.region,
      facts: { ...facts, proofs: proofs ?? (await proofsOf(tx, facts.workRecordId)) },
    };
  },
  gather: async (tx, claim, today) => {
    const rules = await transportRules(tx, claim.region, claim.on);
    const both = await parameterFor(tx, "labourSubsidy.withTransportInYear", claim.region, claim.on);
    const claimant = claim.personId === null ? undefined : await findClaimant(tx, claim.personId);
    const day = claimant && claimantOn(claimant, claim.on);
    const kept = { ...claim.facts, movedSince: true };
    const { year, fareFen, proofs } = claim.facts;
    const facts = claimant && day ? await factsFor(tx, claimant, day, { year, fareFen, proofs, on: claim.on, today }) : kept;
    return { facts, rules, both: both.value };
  },
  assess: (claim, { facts, rules }) => assessTransport(claim, facts, rules),
  keys: (claim, { facts, both }): FurtherKeys => (both ? {} : { also: everyMonthOf(facts.year, claim.subjectId) }),
  fundSources: async (tx, claim) => poolsOf((await parameterFor(tx, "transport.fundSources", claim.region, claim.on)).value),
  posted: (tx, keys, { personId }) => (personId === null ? Promise.resolve({}) : nameToPost(tx, keys, personId)),
  names: namesOf,
  events: {
    approved: TransportSubsidyApproved,
    rejected: TransportSubsidyRejected,
    paid: TransportSubsidyPaid,
    clawedBack: TransportSubsidyClawedBack,
  },
  state: ({ id, personId, householdId, region, standing, assessment, facts }) => ({
    ...{ claimId: id, personId, householdId, region, status: statusTold(standing) },
    ...{ amountFen: "approval" in standing && standing.approval ? standing.approval.amountFen : (assessment.amountFen ?? 0) },
    ...{ paidOn: "paidOn" in standing ? standing.paidOn : null, payingCounty: `${region.slice(0, 6)}000000`, year: facts.year },
  }),
});

/** E-02 with E-09, where the settings allow only one of the two in a year: a transport subsidy takes every month, a labour subsidy its own. */
const everyMonthOf = (year: number, personId: string) =>
  Array.from({ length: 12 }, (_, n) => ({
    kind: "payment:labour-subsidy|transport-subsidy",
    key: `${personId}/${year}-${String(n + 1).padStart(2, "0")}`,
  }));
