import { type Reason, type Refusal, refuse } from "@shouwang/contract";

/**
 * What a kind's rule says of a claim on the date that counts. `waiting`: it may go on, and cannot be granted before something is known or mended.
 * `by-decision`: the rule cannot say, and the county decides with a reason. `listAwaited`: it rests on a list that is not loaded yet, and is marked so.
 */
export type Assessment = {
  outcome: "eligible" | "waiting" | "by-decision" | "not-eligible";
  amountFen: number | null;
  reasons: readonly Reason[];
  listAwaited: boolean;
};

/** Whether the rule lets a claim go on; what it leaves to people it lets go on to them. */
export const refuseIneligible = ({ outcome, reasons }: Assessment): Refusal<"claim-not-eligible"> | undefined =>
  outcome === "not-eligible" ? refuse("claim-not-eligible", { reasons }) : undefined;

/** Whether a claim can be granted: the rule allows it or, where it cannot say, somebody decides with a reason; and there is a sum. */
export function checkGrant(
  assessment: Assessment,
  decided: boolean,
): Refusal<"claim-not-eligible" | "claim-needs-decision"> | undefined {
  const { outcome, amountFen, reasons } = assessment;
  if (outcome === "not-eligible" || outcome === "waiting" || amountFen === null) return refuse("claim-not-eligible", { reasons });
  return outcome === "by-decision" && !decided ? refuse("claim-needs-decision", { reasons }) : undefined;
}

/** Of the pools a payment is to come from: allowed by the settings, or with the document that allows another; none is no answer (E-09). */
export function checkSources(
  asked: readonly string[],
  allowed: readonly string[],
  document: string | undefined,
  clause: string,
): Refusal<"claim-source-missing" | "claim-source-not-allowed"> | undefined {
  if (asked.length === 0) return refuse("claim-source-missing");
  const others = asked.filter((source) => !allowed.includes(source));
  if (others.length === 0 || document !== undefined) return undefined;
  return refuse("claim-source-not-allowed", {
    reasons: [
      {
        code: "source-not-allowed",
        clause,
        zh: `资金来源不在允许范围内:${others.join("、")};如确需使用,请填写批准文号`,
        en: `Not among the pools allowed: ${others.join(", ")}; another one needs the number of the document that allows it`,
        facts: [{ name: { zh: "允许的资金来源", en: "Pools allowed" }, value: allowed.join(",") }],
      },
    ],
  });
}
