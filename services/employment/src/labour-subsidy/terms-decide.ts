import type { InForce, WhoFacts, WhoRules } from "../claimant/findings-decide.ts";

/** What a month of labour subsidy rests on: who the person was on its last day, and what the month's work was. */
export type LabourFacts = WhoFacts & {
  month: string;
  employerId: string;
  employerKind: string;
  /** County the employer is in, and the one the person is registered in on the month's last day. */
  employerCounty: string;
  county: string;
  employerOperating: boolean;
  knownBy: "credit-code" | "certificate";
  ownHousehold: boolean;
  /** Days of the month at work in the own county, at work for this very employer, away from the region, at a post. */
  daysInCounty: number;
  daysHere: number;
  daysOutside: number;
  daysAtPost: number;
  /** Months in a row that count, before this one and from first to last so far. */
  stableBefore: number;
  stableTotal: number;
  wageFen: number;
  wageProof: string;
};

export type LabourRules = WhoRules & {
  rate: InForce<number | null>;
  min: InForce<number>;
  max: InForce<number>;
  maxMonths: InForce<number>;
  maxMonthsPer: InForce<string>;
  minDays: InForce<number>;
  minStableMonths: InForce<number>;
  payStableMonths: InForce<boolean>;
};
