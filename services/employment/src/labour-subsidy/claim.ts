import {
  LabourSubsidyApproved,
  LabourSubsidyClawedBack,
  LabourSubsidyPaid,
  LabourSubsidyRejected,
  refuse,
} from "@shouwang/contract";
import { claimKindOf, type FurtherKeys, lastDayOf, mayReach, parameterFor, statusTold } from "@shouwang/service-kit";
import { claimantOn } from "../claimant/decide.ts";
import { findClaimant, namesOf, nameToPost, poolsOf } from "../claimant/store.ts";
import type { DB } from "../db.ts";
import { findEmployer } from "../employer/store.ts";
import { postsDuring } from "../post-holder/time-store.ts";
import { assessLabour, labourFactsOn, placesOf } from "./decide.ts";
import { Entry, Facts } from "./facts.ts";
import { labourRules } from "./store.ts";

/** Posts of any time: months in a row may reach back as far as somebody has worked. */
const everSince = { from: "2000-01-01", until: null };

/** E-09: a month's steady work for a lawful operator of the own county, at most so many months a year, each of them once. */
export const labourSubsidy = claimKindOf<DB>()({
  kind: "labour-subsidy",
  path: "/labour-subsidies",
  title: { zh: "县内稳定就业劳务补助", en: "Labour subsidy for steady work in the own county" },
  clause: "E-09",
  purpose: "labour-subsidy",
  capped: true,
  facts: Facts,
  entry: Entry,
  problems: ["person-not-found", "employer-not-found", "claim-registered-elsewhere", "claim-without-work"],
  prepare: async ({ tx, entry: { personId, month, employerId, wageFen, wageProof }, actor, today }) => {
    const claimant = await findClaimant(tx, personId);
    if (!claimant) return refuse("person-not-found");
    const employer = await findEmployer(tx, employerId);
    if (!employer) return refuse("employer-not-found");
    const on = lastDayOf(month);
    if (on > today) return refuse("claim-without-work");
    const day = claimantOn(claimant, on);
    if (!day || !mayReach(actor, day.status.registeredIn)) return refuse("claim-registered-elsewhere");
    const region = day.status.registeredIn;
    const { minDays } = await labourRules(tx, region, on);
    const posts = await postsDuring(tx, personId, everSince);
    const about = { month, employer, posts, minDays: minDays.value, today, wageFen, wageProof };
    return {
      ...{ subjectId: personId, personId, householdId: day.householdId, region, periodKey: month, on },
      facts: labourFactsOn(claimant, day, about),
    };
  },
  gather: async (tx, claim, today) => {
    const rules = await labourRules(tx, claim.region, claim.on);
    const both = await parameterFor(tx, "labourSubsidy.withTransportInYear", claim.region, claim.on);
    const { month, employerId, wageFen, wageProof } = claim.facts;
    const claimant = claim.personId === null ? undefined : await findClaimant(tx, claim.personId);
    const day = claimant && claimantOn(claimant, claim.on);
    const employer = await findEmployer(tx, employerId);
    if (!claimant || !day || !employer) return { facts: { ...claim.facts, movedSince: !day }, rules, both: both.value };
    const posts = await postsDuring(tx, claimant.personId, everSince);
    const about = { month, employer, posts, minDays: rules.minDays.value, today, wageFen, wageProof };
    return { facts: labourFactsOn(claimant, day, about), rules, both: both.value };
  },
  assess: (claim, { facts, rules }) => assessLabour(claim, facts, rules),
  keys: ({ subjectId }, { facts: { month }, rules, both }): FurtherKeys => ({
    ...(both ? {} : { also: [{ kind: "payment:labour-subsidy|transport-subsidy", key: `${subjectId}/${month}` }] }),
    slots: { kind: "labour-subsidy-month", ...placesOf(subjectId, month, rules) },
  }),
  fundSources: async (tx, claim) => poolsOf((await parameterFor(tx, "labourSubsidy.fundSources", claim.region, claim.on)).value),
  posted: (tx, keys, { personId }) => (personId === null ? Promise.resolve({}) : nameToPost(tx, keys, personId)),
  names: namesOf,
  events: {
    approved: LabourSubsidyApproved,
    rejected: LabourSubsidyRejected,
    paid: LabourSubsidyPaid,
    clawedBack: LabourSubsidyClawedBack,
  },
  state: ({ id, personId, householdId, region, standing, assessment, facts }) => ({
    ...{ claimId: id, personId, householdId, region, status: statusTold(standing), month: facts.month },
    amountFen: "approval" in standing && standing.approval ? standing.approval.amountFen : (assessment.amountFen ?? 0),
    paidOn: "paidOn" in standing ? standing.paidOn : null,
  }),
});
