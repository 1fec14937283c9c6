import { type Reason, type Refusal, type Risk, refuse } from "@shouwang/contract";
import type { Ratio } from "@shouwang/plan";
import { addMonths, type BusinessDate } from "@shouwang/service-kit/calendar";

/** G-01's settings in force for a township. */
export type AlarmSettings = {
  windowDays: number;
  deviations: Ratio;
  minimumLeads: number;
  causeCluster: number;
  silenceMonths: number;
  document: string;
};

/** A township's leads: in the present window, in the whole windows before it (the nearest first), by cause, and since when none was found. */
export type TownshipLeads = {
  present: number;
  before: readonly number[];
  byCause: ReadonlyMap<Risk, number>;
  /** Day of the last lead, or the day the township's first household was registered where there was none. */
  quietSince: BusinessDate;
};

export type Sign = { kind: "rise" | "cluster" | "silence"; cause: Risk | null; leads: number; reason: Reason };

/** Fewer windows than these say nothing about what is usual. */
const fewestWindows = 3;

/**
 * Whether so many leads are more than the mean of the windows before plus so many standard deviations. Compared exactly: with n windows of sum S and sum of
 * squares Q, `c > S/n + k·√(nQ − S²)/n` is `(n·c − S)² > k²·(nQ − S²)` where `n·c > S`.
 */
function isRise(present: number, before: readonly number[], { numerator, denominator }: Ratio): boolean {
  if (before.length < fewestWindows) return false;
  const n = BigInt(before.length);
  const sum = before.reduce((total, count) => total + BigInt(count), 0n);
  const squares = before.reduce((total, count) => total + BigInt(count) * BigInt(count), 0n);
  const above = n * BigInt(present) - sum;
  const [k, of] = [BigInt(numerator), BigInt(denominator)];
  return above > 0n && above * above * of * of > k * k * (n * squares - sum * sum);
}

/**
 * G-01: what a township's leads say. A rise and a cluster need a least number of leads, so that a village which finds two is not called out for finding them;
 * and finding none for months is a sign too, so that hiding them does not help.
 */
export function signsOf(leads: TownshipLeads, settings: AlarmSettings, today: BusinessDate): Sign[] {
  const signs: Sign[] = [];
  const because = { clause: "G-01", document: settings.document };
  const inWindow = { name: { zh: "近期线索数", en: "Leads lately" }, value: leads.present };
  if (leads.present >= settings.minimumLeads && isRise(leads.present, leads.before, settings.deviations))
    signs.push({
      kind: "rise",
      cause: null,
      leads: leads.present,
      reason: {
        ...because,
        parameter: "alarm.deviations",
        code: "leads-rise",
        zh: `近${settings.windowDays}天线索${leads.present}条,明显高于此前${leads.before.length}个同长时段`,
        en: `${leads.present} leads in ${settings.windowDays} days, well above the ${leads.before.length} such spans before`,
        facts: [inWindow, { name: { zh: "此前各时段", en: "Spans before" }, value: leads.before.join(", ") }],
      },
    });
  for (const [cause, count] of leads.byCause)
    if (count >= settings.causeCluster)
      signs.push({
        kind: "cluster",
        cause,
        leads: count,
        reason: {
          ...because,
          parameter: "alarm.causeCluster",
          code: "cause-cluster",
          zh: `近${settings.windowDays}天同一原因线索${count}条,达到${settings.causeCluster}条`,
          en: `${count} leads of one cause in ${settings.windowDays} days; ${settings.causeCluster} are a cluster`,
          facts: [inWindow, { name: { zh: "原因", en: "Cause" }, value: cause }],
        },
      });
  if (today >= addMonths(leads.quietSince, settings.silenceMonths))
    signs.push({
      kind: "silence",
      cause: null,
      leads: 0,
      reason: {
        ...because,
        parameter: "alarm.silenceMonths",
        code: "no-leads",
        zh: `自${leads.quietSince}起已满${settings.silenceMonths}个月没有线索,请核实排查是否到位`,
        en: `No lead for ${settings.silenceMonths} months, since ${leads.quietSince}: see whether anybody is looking`,
        facts: [{ name: { zh: "起始日", en: "Since" }, value: leads.quietSince }],
      },
    });
  return signs;
}

export type EarlyAlarm = {
  id: string;
  region: string;
  kind: Sign["kind"];
  cause: Risk | null;
  leads: number;
  explanation: Reason[];
  raisedOn: string;
  status: "open" | "answered" | "ended";
  answeredOn: string | null;
  endedOn: string | null;
  version: number;
};

/** An office says what it found and does about it. The alarm stands on until what it tells of is over. */
export function answer(alarm: EarlyAlarm, today: BusinessDate): EarlyAlarm | Refusal<"alarm-state"> {
  if (alarm.status !== "open")
    return refuse("alarm-state", {
      detail:
        alarm.status === "answered"
          ? { zh: `已于${alarm.answeredOn}答复`, en: `Answered on ${alarm.answeredOn}` }
          : { zh: `已于${alarm.endedOn}解除`, en: `Over since ${alarm.endedOn}` },
    });
  return { ...alarm, status: "answered", answeredOn: today, version: alarm.version + 1 };
}
