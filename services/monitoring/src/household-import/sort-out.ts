import type { RowReason } from "@shouwang/service-kit";
import type { ReadHousehold } from "./read-household.ts";

/** Where somebody is registered in the sender's own area; no household where he left or died. */
export type Known = { householdId: string | null; householdNo: string | null };

/**
 * What becomes of a household of the list: new where nobody of it is registered; unchanged where all of it stand in one household already, so that a file can be sent
 * again after its wrong rows were mended; refused where only some do, or in several, since who is right is for the village to say.
 * @returns by index of the member, the reason against his row
 */
export function sortOut(
  { members }: Pick<ReadHousehold, "members">,
  known: (personKey: string) => Known | undefined,
): "new" | "unchanged" | Map<number, RowReason> {
  const found = members.map((member) => known(member.identity.personKey));
  if (found.every((one) => one === undefined)) return "new";
  const homes = new Set(found.map((one) => one?.householdId));
  const [home] = homes;
  if (homes.size === 1 && home) return "unchanged";
  return new Map(found.flatMap((one, index) => (one ? [[index, registered(one)] as const] : [])));
}

function registered({ householdId, householdNo }: Known): RowReason {
  if (householdId === null)
    return {
      rule: "person-left-or-died",
      zh: "该人在系统中已登记为迁出或去世,请先核实",
      en: "The registry says that this person left or died; check that first",
    };
  return {
    rule: "person-registered",
    zh: `该人已登记在本辖区其他户${householdNo ? `(户编号${householdNo})` : ""}`,
    en: `This person is registered in another household of your area${householdNo ? ` (${householdNo})` : ""}`,
  };
}

/** Of a person whom the region's registry holds somewhere the sender does not see; it says no more than that. */
export const registeredElsewhere: RowReason = {
  rule: "person-registered-elsewhere",
  zh: "该人已在区内其他地方登记",
  en: "This person is registered elsewhere in the region",
};
