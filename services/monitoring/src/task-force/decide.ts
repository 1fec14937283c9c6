import { type Refusal, refuse } from "@shouwang/contract";
import { divisionsUnder, findDivision, levelOf, rangeOf } from "@shouwang/regions";
import type { BusinessDate } from "@shouwang/service-kit/calendar";

export type TaskForce = {
  id: string;
  /** Region, city or county, 12 digits. */
  region: string;
  from: string;
  until: string | null;
  endedBecause: string | null;
  /** How many belong to it, the leader included. */
  members: number;
  version: number;
};

const levels = ["region", "city", "county"] as const;
const wrong = (pointer: string, rule: string, zh: string, en: string) =>
  refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "M-01" }] });

/** M-01: a task force belongs to the region, a city or a county, and stands from a day that is not in the future. */
export function checkFormation(
  entry: { region: string; from: string },
  given: { today: BusinessDate },
): Refusal<"invalid-input" | "unknown-division"> | undefined {
  const division = findDivision(entry.region);
  if (!division) return refuse("unknown-division");
  if (!levels.some((level) => level === levelOf(division.code))) {
    return wrong("/region", "county-or-above", "专班设在自治区、市、县三级", "Region, cities and counties have one");
  }
  return entry.from > given.today
    ? wrong("/from", "not-in-future", "成立日期不能晚于今天", "It cannot be formed in the future")
    : undefined;
}

/** Changes who belongs to it, with its document: what was before stays in the history. */
export function change(force: TaskForce, members: number): TaskForce | Refusal<"state-conflict"> {
  if (force.until !== null) return ended(force.until);
  return { ...force, members, version: force.version + 1 };
}

/** Ends it on a day from its first to today; another may follow from then on. */
export function end(
  force: TaskForce,
  given: { on: string; because: string; today: BusinessDate },
): TaskForce | Refusal<"state-conflict" | "invalid-input"> {
  if (force.until !== null) return ended(force.until);
  if (given.on < force.from || given.on > given.today) {
    return wrong("/on", "within-its-time", `应在${force.from}至今天之间`, `Between ${force.from} and today`);
  }
  return { ...force, until: given.on, endedBecause: given.because, version: force.version + 1 };
}

const ended = (until: string) =>
  refuse("state-conflict", { detail: { zh: `该专班已于${until}撤销`, en: `It ended on ${until}` } });

/** Every division of an area that is to have a task force: itself where it is region, city or county, and those below. 126 in the whole region. */
export function divisionsOwed(area: string): string[] {
  const own = rangeOf(area).lo.padEnd(12, "0");
  const itself = findDivision(own);
  const below = [...divisionsUnder(area, "city"), ...divisionsUnder(area, "county")];
  return [...(itself && levels.some((level) => level === levelOf(itself.code)) ? [itself] : []), ...below]
    .map((division) => division.code)
    .sort();
}
