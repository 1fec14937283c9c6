import { type Refusal, refuse } from "@shouwang/contract";
import { findDivision, isWithin, levelOf, type RegionCode, rangeOf } from "@shouwang/regions";

export type SweepStatus = "open" | "closing" | "closed";
export type Sweep = {
  id: string;
  /** Division that ordered it. */
  division: string;
  title: string;
  document: string;
  /** Divisions whose every household is to be seen; none lies in another. */
  scope: string[];
  from: string;
  until: string;
  status: SweepStatus;
  closedAt: Date | null;
  /** Frozen as it closes. */
  figures: { households: number; atHome: number; byCall: number; findings: number } | null;
  version: number;
};

const wrong = (pointer: string, rule: string, zh: string, en: string) =>
  refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "M-01" }] });

/** M-01: a sweep is ordered by region, city or county, for divisions of its own, each of which exists; what lies in another of them is not named twice. */
export function checkOrder(order: {
  division: string;
  scope: readonly string[];
  from: string;
  until: string;
}): { scope: string[] } | Refusal<"invalid-input" | "unknown-division"> {
  const division = findDivision(order.division);
  if (!division) return unknown("/division", order.division);
  if (!["region", "city", "county"].includes(levelOf(division.code))) {
    return wrong("/division", "county-or-above", "由自治区、市、县部署", "Ordered by region, city or county");
  }
  if (order.until < order.from) return wrong("/until", "after-from", "截止日不能早于开始日", "It cannot end before it starts");
  const codes: RegionCode[] = [];
  for (const [n, name] of order.scope.entries()) {
    const found = findDivision(name);
    if (!found) return unknown(`/scope/${n}`, name);
    if (!isWithin(found.code, division.code))
      return wrong(`/scope/${n}`, "within-division", "不在部署单位辖区内", "Outside the division that orders it");
    codes.push(found.code);
  }
  const widest = codes.filter((code, n) => !codes.some((other, at) => (other === code ? at < n : isWithin(code, other))));
  return { scope: widest.sort() };
}

const unknown = (pointer: string, code: string) =>
  refuse("unknown-division", {
    errors: [{ pointer, rule: "known-division", zh: `没有这个区划:${code}`, en: `No such division: ${code}`, clause: "M-01" }],
  });

/** Whether a village belongs to a sweep. */
export const covers = (sweep: Pick<Sweep, "scope">, place: string): boolean =>
  sweep.scope.some((code) => {
    const { lo, hi } = rangeOf(code);
    return place >= lo && place < hi;
  });

/** The parts of an area that a sweep covers, as ranges of codes; empty where they do not meet. */
export function partsOf(sweep: Pick<Sweep, "scope">, area: string): { lo: string; hi: string }[] {
  const asked = rangeOf(area);
  // Divisions lie in one another or apart; they never overlap by half.
  return sweep.scope.map(rangeOf).flatMap((scope) => {
    if (scope.lo.startsWith(asked.lo)) return [scope];
    return asked.lo.startsWith(scope.lo) ? [asked] : [];
  });
}

const over = (sweep: Sweep) =>
  refuse("sweep-state", { detail: { zh: `排查已于${sweep.until}结束`, en: `It ended on ${sweep.until}` } });

/** A longer time for an open sweep; what is closed stays closed. */
export function extend(sweep: Sweep, until: string): Sweep | Refusal<"sweep-state" | "invalid-input"> {
  if (sweep.status !== "open") return over(sweep);
  if (until <= sweep.until)
    return wrong("/until", "later", `须晚于原截止日${sweep.until}`, `Later than the present last day, ${sweep.until}`);
  return { ...sweep, until, version: sweep.version + 1 };
}

/** Ends an open sweep: from here on its villages are counted for the last time. Closed before its last day, it ends today. */
export function close(sweep: Sweep, today: string): Sweep | Refusal<"sweep-state"> {
  if (sweep.status !== "open") return over(sweep);
  if (today < sweep.from)
    return refuse("sweep-state", { detail: { zh: `排查${sweep.from}才开始`, en: `It begins on ${sweep.from}` } });
  return { ...sweep, status: "closing", until: today < sweep.until ? today : sweep.until };
}

export type SweepCount = { region: string; households: number; atHome: number; byCall: number };

/** M-01: how many of the households have been swept; a call to the absent counts only where the settings let it, and is flagged. */
export const swept = (count: Omit<SweepCount, "region">, phoneCounts: boolean): number =>
  count.atHome + (phoneCounts ? count.byCall : 0);
