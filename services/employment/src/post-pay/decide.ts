import { type Refusal, refuse } from "@shouwang/contract";
import type { PostMode } from "../public-welfare-post/decide.ts";

/** What a month's pay is worked out from. */
export type PayTerms = { mode: PostMode; rateFen: number; unitsPerMonth: number };

/**
 * E-04: a month's pay in fen: the standard by the days served of those a full month asks for, rounded half up; by day or task the rate for each, up to the most
 * that are paid. It never comes to more than the standard, which is what the bounds are for.
 */
export function payOf({ mode, rateFen, unitsPerMonth }: PayTerms, units: number): number {
  const paid = Math.min(units, unitsPerMonth);
  if (mode !== "monthly") return rateFen * paid;
  return Math.floor((rateFen * paid * 2 + unitsPerMonth) / (unitsPerMonth * 2));
}

export type ListStatus = "generating" | "generated" | "checked" | "approving" | "approved" | "cancelled";
export type ListStep = "again" | "check" | "approval" | "return" | "cancel";
const from: Record<ListStep, readonly ListStatus[]> = {
  ...{ again: ["generated"], check: ["generated"], approval: ["checked"], return: ["checked"], cancel: ["generated"] },
};

/** What may be done with a list whose work has failed, or ended with the appointment its asker acted under: it is asked for anew, and goes on with what is left. */
const fromStalled: Partial<Record<ListStep, ListStatus>> = { again: "generating", approval: "approving" };

/**
 * Whether a list's step may be taken, on the very lines and sum that were looked at.
 * @param list `stalled` where the work that was asked for last has ended before it was through
 */
export function mayTake(
  list: { status: ListStatus; lines: number; amountFen: number; stalled?: boolean },
  step: ListStep,
  seen?: { lines: number; amountFen: number },
): Refusal<"post-pay-list-state" | "post-pay-list-changed"> | undefined {
  const taken = from[step].includes(list.status) || (list.stalled === true && fromStalled[step] === list.status);
  if (!taken) return refuse("post-pay-list-state");
  if (seen && (seen.lines !== list.lines || seen.amountFen !== list.amountFen)) return refuse("post-pay-list-changed");
  return undefined;
}

export type PayStatus =
  | ("listed" | "held" | "awaiting-funds" | "accepted" | "payment-refused" | "payment-returned")
  | ("withdrawing" | "paid" | "clawback-due" | "clawed-back" | "rejected");

/** Where a line stands after funds has spoken; undefined where what was said changes nothing. Funds' newest word is what happened to the money. */
export function afterWord(status: PayStatus, outcome: string): PayStatus | undefined {
  if (status === "rejected" || status === "clawed-back") return undefined;
  if (outcome === "clawed-back") return status === "paid" || status === "clawback-due" ? "clawed-back" : undefined;
  if (status === "clawback-due") return undefined;
  if (outcome === "paid") return status === "paid" ? undefined : "paid";
  if (outcome === "withdrawn") return status === "withdrawing" ? "rejected" : undefined;
  if (outcome === "accepted") return status === "awaiting-funds" ? "accepted" : undefined;
  if (status === "withdrawing") return outcome === "refused" || outcome === "returned" ? "rejected" : undefined;
  if (outcome === "refused") return status === "payment-refused" ? undefined : "payment-refused";
  return status === "payment-returned" ? undefined : "payment-returned";
}

export type LineStep = "resending" | "rejection" | "clawback";
const lineFrom: Record<LineStep, readonly PayStatus[]> = {
  resending: ["payment-refused", "payment-returned"],
  rejection: ["payment-refused", "payment-returned", "awaiting-funds", "accepted"],
  clawback: ["paid"],
};
export const mayTakeLine = (status: PayStatus, step: LineStep): Refusal<"claim-state"> | undefined =>
  lineFrom[step].includes(status) ? undefined : refuse("claim-state");
