import type { Bilingual } from "@shouwang/contract";
import type { IndicatorValue } from "@shouwang/service-kit";

/** How many of how many, as a clause counts them. */
export type Share = { numerator: number; denominator: number };

/**
 * A share in per cent. With `target: 100` every one counts, so the share is cut to two decimals and never rounded up: one missing of a million is not 100.
 * While there is nothing to count the value is null.
 */
export function shareIndicator(about: {
  code: string;
  clause: string;
  title: Bilingual;
  share: Share;
  target: 100 | null;
  now: Date;
  list?: string;
  /** Month it is counted over, where it is. */
  period?: string;
}): IndicatorValue {
  const { numerator, denominator } = about.share;
  return {
    code: about.code,
    clause: about.clause,
    title: about.title,
    unit: "%",
    value: denominator === 0 ? null : Math.floor((numerator * 10_000) / denominator) / 100,
    numerator,
    denominator,
    target: about.target,
    direction: about.target === null ? null : "=",
    asOf: about.now.toISOString(),
    ...(about.list === undefined ? {} : { list: about.list }),
    ...(about.period === undefined ? {} : { period: about.period }),
  };
}
