import { findDivision, pathOf } from "@shouwang/regions";
import { maskIdentityNumber, maskName, maskPhone, type WriteRow } from "@shouwang/service-kit";
import type { BusinessDate } from "@shouwang/service-kit/calendar";
import type { Household } from "../household/store.ts";
import type { NationalColumn, NationalLayout } from "./layout.ts";
import { type CaseDays, householdValues, type Member, personValues } from "./registry-row.ts";

const sealed = { name: maskName, phone: maskPhone } as const;

/** A code as the national system spells it; empty where the registry holds less than the word says, for people to fill in. */
export function spell({ type, words = {}, unspelt = [] }: NationalColumn, value: string | null): string {
  if (value === null || unspelt.includes(value)) return "";
  if (type === "code") return words[value]?.[0] ?? "";
  if (type === "codes")
    return value
      .split(",")
      .map((code) => words[code]?.[0] ?? "")
      .join(",");
  return value;
}

/**
 * A household's rows as the national system takes them in, one a member, the head first. Masked unless `full`; `ungraded` counts the pupils whose grade the registry does
 * not hold, which is left empty and never guessed.
 */
export function exportRows(
  layout: NationalLayout,
  household: Household,
  members: readonly Member[],
  monitored: CaseDays | undefined,
  given: { full: boolean; today: BusinessDate },
): { rows: WriteRow[]; ungraded: number } {
  const ofHousehold = householdValues(household, monitored);
  const place = findDivision(household.region) ? pathOf(household.region) : [];
  const mask = (key: keyof typeof sealed, value: string | null) => (value === null || given.full ? value : sealed[key](value));
  const head = members.find(({ relation }) => relation === "head");
  let ungraded = 0;
  const rows = members.map((member): WriteRow => {
    const ofPerson = personValues(member, given.today);
    const number = member.secret.identityNumber;
    const own: Record<string, string | null> = {
      dataDate: given.today,
      county: place.at(-3) ?? "",
      township: place.at(-2) ?? "",
      village: place.at(-1) ?? "",
      identityNumber: given.full ? number : maskIdentityNumber(number),
      name: mask("name", member.secret.name),
      phone: mask("phone", member.secret.phone ?? null),
      householdPhone: mask("phone", head?.secret.phone ?? null),
    };
    if (layout.columns.some(({ key, unspelt }) => unspelt?.includes(ofPerson[key] ?? ""))) ungraded += 1;
    return Object.fromEntries(
      layout.columns.map((column) => {
        const { key, about } = column;
        const value = own[key] ?? spell(column, (about === "household" ? ofHousehold : ofPerson)[key] ?? null);
        return [key, value];
      }),
    );
  });
  return { rows, ungraded };
}
