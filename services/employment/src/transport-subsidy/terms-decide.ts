import type { InForce, WhoFacts, WhoRules } from "../claimant/findings-decide.ts";
import type { Scope } from "../work-record/decide.ts";

/** What a transport subsidy rests on: who the person was, and what their work was, on the date that counts. */
export type TransportFacts = WhoFacts & {
  year: number;
  workRecordId: string | null;
  scope: Scope | null;
  workFrom: string | null;
  workUntil: string | null;
  /** Whole months at work outside the region in the year so far. */
  monthsAway: number;
  /** Days of a public-welfare post that are days of this work too. */
  postFrom: string | null;
  postUntil: string | null;
  fareFen: number | null;
  proofs: readonly string[];
};

/** What the settings say for the paying county on the date that counts. */
export type TransportRules = WhoRules & {
  rate: InForce<number | null>;
  ceiling: InForce<number>;
  keyCeiling: InForce<number>;
  /** Whether the county is on a list of key counties that day; `awaited`: not on the national list, and the region's is not loaded. */
  keyCounty: "yes" | "no" | "awaited";
  minMonthsAway: InForce<number>;
  lateClaimUntil: InForce<string>;
  newTripRequired: InForce<boolean>;
  fareByTicket: InForce<boolean>;
};
