import type { Bilingual, EventDefinition, FundSource, ProblemCode, Reason, Refusal } from "@shouwang/contract";
import type { ClauseId, PurposeCode } from "@shouwang/plan";
import type { z } from "zod";
import type { BusinessDate } from "./calendar.ts";
import type { HeldKey } from "./claim-decide.ts";
import type { Assessment } from "./claim-rule-decide.ts";
import type { Claim } from "./claim-store.ts";
import type { Tx } from "./database.ts";
import type { Keys } from "./personal-data.ts";
import type { Principal } from "./principal.ts";

/** What a claim is made from: whose it is, for which period, and what it rests on. */
export type Prepared<F> = {
  subjectId: string;
  personId: string | null;
  householdId: string | null;
  /** Village of registration on the date that counts. */
  region: string;
  periodKey: string;
  /** The date that counts. */
  on: BusinessDate;
  facts: F;
};

/** Keys of which a claim takes the first that is free, so that no more claims than there are keys get through in the whole region: a cap on how many months. */
type Slots = { kind: string; keys: readonly string[]; none: Reason };

/** Keys a claim takes beside those of its purpose: all of `also`, and one of `slots`. */
export type FurtherKeys = { also?: readonly HeldKey[]; slots?: Slots };

/** One kind of claim of money: what it rests on, its rule, what it excludes, and what others are told of it. Everything between is the kit's. */
export type ClaimSpec<
  Db,
  F extends z.ZodObject,
  E extends z.ZodObject,
  G extends { facts: z.output<F> },
  C extends ProblemCode,
> = {
  /** Entity of its events, `transport-subsidy`. */
  kind: string;
  /** Where its routes stand, `/transport-subsidies`. */
  path: `/${string}`;
  title: Bilingual;
  clause: ClauseId;
  /** Its rule cannot say in every case: then the county decides with a reason. */
  leavesToPeople?: true;
  /** It takes one of so many slots at its approval. */
  capped?: true;
  /** Key of the exclusion matrix. */
  purpose: PurposeCode;
  /** What a claim rests on, as it is kept: ids, codes, amounts and dates, no personal data. */
  facts: F;
  /** What is sent to make one. */
  entry: E;
  /** What `prepare` may refuse with. */
  problems: readonly C[];
  prepare(given: {
    tx: Tx<Db>;
    entry: z.output<E>;
    actor: Principal;
    today: BusinessDate;
    /** The claim that is mended, where one is. */
    of?: Claim;
  }): Promise<Prepared<z.output<F>> | Refusal<C>>;
  /** What the rule needs as it is now, and the facts with it: the claim's own where they can no longer be seen, since whoever it is for has moved. */
  gather(tx: Tx<Db>, claim: Claim<z.output<F>>, today: BusinessDate): Promise<G>;
  /** The rule: pure, on the date that counts, explaining itself. */
  assess(claim: Claim<z.output<F>>, given: G): Assessment;
  /** Pools it may be paid from without another document. */
  fundSources(tx: Tx<Db>, claim: Claim<z.output<F>>): Promise<readonly FundSource[]>;
  keys?(claim: Claim<z.output<F>>, given: G): FurtherKeys;
  /** What a posting shows beside name, place, sum and telephone: masked, no health, no minors. */
  posted(tx: Tx<Db>, keys: Keys, claim: Claim<z.output<F>>): Promise<Record<string, string>>;
  /** Masked names of people, for lists. */
  names(tx: Tx<Db>, personIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The claim's events, and the state that all of them carry. */
  events: { approved: EventDefinition; rejected: EventDefinition; paid: EventDefinition; clawedBack: EventDefinition };
  state(claim: Claim<z.output<F>>): Record<string, unknown>;
};

/** A kind of claim as the kit keeps it, its types put away: each function reads the claim's facts with the kind's own schema. */
export type ClaimKind<Db> = Pick<
  ClaimSpec<Db, z.ZodObject, z.ZodObject, { facts: Record<string, unknown> }, ProblemCode>,
  | "kind"
  | "path"
  | "title"
  | "clause"
  | "purpose"
  | "facts"
  | "entry"
  | "problems"
  | "names"
  | "events"
  | "leavesToPeople"
  | "capped"
> & {
  prepare(given: {
    tx: Tx<Db>;
    entry: unknown;
    actor: Principal;
    today: BusinessDate;
    of?: Claim;
  }): Promise<Prepared<Record<string, unknown>> | Refusal>;
  /** Reads what the rule needs anew and asks it. */
  assess(tx: Tx<Db>, claim: Claim, today: BusinessDate): Promise<{ claim: Claim; keys: FurtherKeys }>;
  fundSources(tx: Tx<Db>, claim: Claim): Promise<readonly FundSource[]>;
  posted(tx: Tx<Db>, keys: Keys, claim: Claim): Promise<Record<string, string>>;
  state(claim: Claim): Record<string, unknown>;
};

/** Declares a kind of claim over a service's tables, and puts its types away. */
export const claimKindOf =
  <Db>() =>
  <F extends z.ZodObject, E extends z.ZodObject, G extends { facts: z.output<F> }, C extends ProblemCode>(
    spec: ClaimSpec<Db, F, E, G, C>,
  ): ClaimKind<Db> => {
    const own = (claim: Claim): Claim<z.output<F>> => ({ ...claim, facts: spec.facts.parse(claim.facts) });
    const { kind, path, title, clause, purpose, facts, entry, problems, names, events } = spec;
    return {
      ...{ kind, path, title, clause, purpose, facts, entry, problems, names, events },
      ...(spec.leavesToPeople ? { leavesToPeople: spec.leavesToPeople } : {}),
      ...(spec.capped ? { capped: spec.capped } : {}),
      prepare: ({ entry: sent, ...given }) => spec.prepare({ ...given, entry: entry.parse(sent) }),
      assess: async (tx, claim, today) => {
        const gathered = await spec.gather(tx, own(claim), today);
        const fresh = { ...own(claim), facts: gathered.facts };
        return { claim: { ...fresh, assessment: spec.assess(fresh, gathered) }, keys: spec.keys?.(fresh, gathered) ?? {} };
      },
      fundSources: (tx, claim) => spec.fundSources(tx, own(claim)),
      posted: (tx, keys, claim) => spec.posted(tx, keys, own(claim)),
      state: (claim) => spec.state(own(claim)),
    };
  };
