import { type Refusal, type Role, refuse } from "@shouwang/contract";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Executor } from "./database.ts";
import { actorOf, type Principal } from "./principal.ts";

/** One step of a review: its name, which offices may take it, and whether the person may have taken the step before it. */
type ReviewStep = {
  step: string;
  roles: readonly Role[];
  /** Begins a round: nobody has taken a step of it before. */
  begins?: true;
  mayFollowOwnStep?: true;
  /** An act of office and no judgement: whoever takes it may have taken the step before and may take the next, and the one before it still counts as the last. */
  actOfOffice?: true;
  /** A judgement: whoever has taken one of a round takes no later one, however many steps lie between and in whosever office. */
  decides?: true;
};

/** A claim's or a case's way through the offices, as data: steps in order, each taken by somebody other than the one before. */
export type ReviewChain<T extends readonly ReviewStep[]> = { name: string; steps: T };

export const reviewChain = <const T extends readonly ReviewStep[]>(name: string, steps: T): ReviewChain<T> => ({ name, steps });

/** What taking a step can be refused with; a step that begins a round, or may follow one's own, knows no same person twice. */
export type StepRefusal<T extends readonly ReviewStep[], S> = Refusal<
  | "role-not-allowed"
  | (Extract<T[number], { step: S }> extends { begins: true } | { mayFollowOwnStep: true } | { actOfOffice: true }
      ? never
      : "same-person-twice")
>;

export type StepRecord = {
  step: string;
  outcome: string;
  actor: string;
  /** Whose office it was, where somebody acted for another. */
  actingFor: string | null;
  round: number;
  at: Date;
  detail: Record<string, unknown>;
};

/** The steps taken so far, oldest first: by id, since `at` is when a transaction began, and it may then have waited for the one before it. */
export async function stepsOf(tx: Executor, chain: string, entityId: string): Promise<StepRecord[]> {
  const { rows } =
    await sql<StepRecord>`select step, outcome, actor, acting_for as "actingFor", round, at, detail from kit.review_step
    where chain = ${chain} and entity_id = ${entityId} order by id`.execute(tx);
  return rows;
}

/**
 * Separation of duties: whether a person would take a second step of a round. Nobody takes two in a row, save where a step says that it may follow one's own; and
 * nobody follows a step of his that decides with another, whatever lies between. Who counts is the person, never the office acted in.
 */
export function isSecondByOne(
  chain: ReviewChain<readonly ReviewStep[]>,
  taken: readonly Pick<StepRecord, "step" | "actor">[],
  step: string,
  actor: string,
): boolean {
  const spec = chain.steps.find((one) => one.step === step);
  const decides = new Set(chain.steps.filter((one) => one.decides).map((one) => one.step));
  const acts = new Set(chain.steps.filter((one) => one.actOfOffice).map((one) => one.step));
  const own = taken.filter((before) => before.actor === actor && before.step !== step);
  const last = taken.findLast((before) => !acts.has(before.step));
  if (spec?.begins || spec?.mayFollowOwnStep || spec?.actOfOffice) return false;
  return (spec?.decides && own.some((before) => decides.has(before.step))) || (last?.actor === actor && last.step !== step);
}

/**
 * Takes a step: checks the office and that nobody decides twice (separation of duties), and records it with whoever it was done for.
 * The caller holds the lock on the entity and has decided that its state allows the step.
 * @param detail codes, dates and counts only; no personal data
 */
export async function takeStep<const T extends readonly ReviewStep[], S extends T[number]["step"]>(
  tx: Executor,
  chain: ReviewChain<T>,
  about: { entity: string; entityId: string; householdId?: string; region: string; round: number },
  step: S,
  given: { actor: Principal; at: Date; outcome: string; detail?: Record<string, unknown> },
): Promise<StepRefusal<T, S> | undefined> {
  // Safe: the two refusals below are the ones the type names; the second is for steps that are neither of the two kinds.
  return (await refusedStep(tx, chain, about, step, given)) as StepRefusal<T, S> | undefined;
}

async function refusedStep(
  tx: Executor,
  chain: ReviewChain<readonly ReviewStep[]>,
  about: Parameters<typeof takeStep>[2],
  step: string,
  given: Parameters<typeof takeStep>[4],
): Promise<Refusal<"role-not-allowed" | "same-person-twice"> | undefined> {
  const spec = chain.steps.find((candidate) => candidate.step === step);
  if (!spec) throw new Error(`chain ${chain.name} has no step ${step}`);
  if (!spec.roles.some((role) => given.actor.roles.includes(role))) return refuse("role-not-allowed");
  const actor = actorOf(given.actor);
  const taken = (await stepsOf(tx, chain.name, about.entityId)).filter((before) => before.round === about.round);
  if (isSecondByOne(chain, taken, step, actor)) return refuse("same-person-twice");
  await sql`insert into kit.review_step (id, chain, entity, entity_id, household_id, region, round, step, outcome, actor, acting_for, at, detail)
    values (${uuidv7()}, ${chain.name}, ${about.entity}, ${about.entityId}, ${about.householdId ?? null}, ${about.region}, ${about.round}, ${step},
      ${given.outcome}, ${actor}, ${given.actor.actingFor ?? null}, ${given.at}, ${JSON.stringify(given.detail ?? {})}::jsonb)`.execute(
    tx,
  );
  return undefined;
}
