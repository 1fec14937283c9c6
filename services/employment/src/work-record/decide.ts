import { type Reason, type Refusal, refuse } from "@shouwang/contract";
import { isWithin, type RegionCode } from "@shouwang/regions/code";
import { addMonths, type BusinessDate } from "@shouwang/service-kit/calendar";

export type Scope = "in-county" | "in-region" | "outside-region" | "abroad";
export type EndedBecause = "epidemic" | "contract-ended" | "laid-off" | "health" | "family" | "other";
/** Where work is: a division of China by its significant digits, or another country. */
export type Workplace = { country: string; place: string | null };

const region = "45";

/**
 * E-01, E-02: where the work is, seen from the village the person is registered in. Never entered, so that nobody can call Nanning another province.
 * Within the region the county must be known, else own county and other cannot be told apart.
 */
export function scopeOf({ country, place }: Workplace, registeredIn: string): Scope | "county-needed" {
  if (country !== "CN" || place === null) return "abroad";
  if (!place.startsWith(region)) return "outside-region";
  if (place.length < 6) return "county-needed";
  // Safe: the registry's regions are division codes.
  return isWithin(registeredIn as RegionCode, place) ? "in-county" : "in-region";
}

export type WorkSpan = { id: string; from: string; until: string | null };

/** Whether two times of work share a day; the last day is a day of work. */
export const overlaps = (one: Omit<WorkSpan, "id">, other: Omit<WorkSpan, "id">): boolean =>
  one.from <= (other.until ?? "9999-12-31") && other.from <= (one.until ?? "9999-12-31");

export type WorkAges = { min: number; max: number | null; document: string };

/** What is known of a person when work is recorded. */
export type Worker = {
  birthDate: BusinessDate | null;
  /** Household on the first day of the work, by the registry; null where of none. */
  householdId: string | null;
  /** Day from which the person is no member any more: left or died. */
  goneFrom: string | null;
  others: readonly WorkSpan[];
};

/**
 * E-01: whether a person can have been at work in these days: a member of a household on the first day and not gone before the last, of working age by the
 * settings, and not at other work on any of the days. Who it is may not have been told yet; the age then waits and the answer says so.
 */
export function checkWork(
  work: WorkSpan,
  worker: Worker,
  ages: WorkAges,
): { householdId: string; reasons: Reason[] } | Refusal<"no-member-on-the-day" | "not-of-working-age" | "work-overlaps"> {
  if (worker.householdId === null) return refuse("no-member-on-the-day", { reasons: [goneReason(work.from, worker.goneFrom)] });
  if (worker.goneFrom !== null && (work.until ?? "9999-12-31") >= worker.goneFrom)
    return refuse("no-member-on-the-day", { reasons: [goneReason(work.until ?? work.from, worker.goneFrom)] });
  const age = ageReason(work.from, worker.birthDate, ages);
  if (!age.ok) return refuse("not-of-working-age", { reasons: [age.reason] });
  const other = worker.others.find((one) => one.id !== work.id && overlaps(one, work));
  if (other)
    return refuse("work-overlaps", {
      reasons: [
        {
          code: "work-overlaps",
          clause: "E-01",
          zh: `已有务工记录：${other.from}至${other.until ?? "今"}`,
          en: `Other work from ${other.from} until ${other.until ?? "now"}`,
          facts: [
            { name: { zh: "另一务工记录", en: "Other work record" }, value: other.id, source: "employment", date: other.from },
          ],
        },
      ],
    });
  return { householdId: worker.householdId, reasons: [age.reason] };
}

const goneReason = (on: string, goneFrom: string | null): Reason => ({
  code: "no-member-on-the-day",
  clause: "E-01",
  zh: `${on}当日不在户${goneFrom === null ? "" : `（自${goneFrom}起）`}`,
  en: `No member of a household on ${on}${goneFrom === null ? "" : `, since ${goneFrom}`}`,
  facts: [{ name: { zh: "离户或死亡日期", en: "Left or died on" }, value: goneFrom, source: "monitoring" }],
});

function ageReason(from: string, birthDate: BusinessDate | null, ages: WorkAges): { ok: boolean; reason: Reason } {
  const about = { clause: "E-01", parameter: "labour.ageMin", document: ages.document };
  if (birthDate === null)
    return {
      ok: true,
      reason: {
        ...about,
        code: "age-not-known",
        zh: "尚无出生日期，未核对年龄",
        en: "The birth date is not known yet; the age was not checked",
      },
    };
  const tooYoung = from < addMonths(birthDate, ages.min * 12);
  const tooOld = ages.max !== null && from >= addMonths(birthDate, (ages.max + 1) * 12);
  return {
    ok: !tooYoung && !tooOld,
    reason: {
      ...about,
      code: tooYoung ? "too-young" : tooOld ? "too-old" : "of-working-age",
      ...(tooOld ? { parameter: "labour.ageMax" } : {}),
      zh: `劳动年龄：满${ages.min}周岁${ages.max === null ? "，不设上限" : `至${ages.max}周岁`}`,
      en: `Working age: from ${ages.min}${ages.max === null ? ", no upper limit" : ` to ${ages.max}`}`,
    },
  };
}

/** How a setting names a kind of work, for each way in which work was found. */
export const kindOfChannel = {
  "own-search": "away-work",
  "organised-export": "organised-export",
  "assistance-workshop": "assistance-workshop",
  "public-welfare-post": "public-welfare-post",
  enterprise: "local-enterprise",
  "self-employed": "self-employed",
  "family-farm": "family-farm",
  other: "other",
} as const;
export type Channel = keyof typeof kindOfChannel;

/** E-01: the ways of finding work whose kinds the settings count. */
export const channelsCounted = (kinds: readonly string[]): Channel[] =>
  // Safe: the keys of the table above.
  (Object.keys(kindOfChannel) as Channel[]).filter((channel) => kinds.includes(kindOfChannel[channel]));
