import type { Person } from "../household/person-store.ts";
import type { Household } from "../household/store.ts";

const yes = (value: string): boolean => value === "yes";

/** The household with one field as the national system gives it; undefined where the field is none of the household's that can be taken over. */
export function adoptedHousehold(household: Household, field: string, theirs: string): Household | undefined {
  const next = { ...household, version: household.version + 1 };
  switch (field) {
    case "householdNo":
      return { ...next, householdNo: theirs };
    case "hamlet":
      return { ...next, hamlet: theirs };
    case "unsafeHousing":
      return { ...next, guarantees: { ...household.guarantees, housing: !yes(theirs) } };
    case "drinkingWater":
      return { ...next, guarantees: { ...household.guarantees, drinkingWater: yes(theirs) } };
    default:
      return undefined;
  }
}

/** The person with one field as the national system gives it, and nothing else: where two fields no longer go together, the rules of the registry say so. */
export function adoptedPerson(person: Person, field: string, theirs: string): Person | undefined {
  const next = { ...person, version: person.version + 1 };
  switch (field) {
    case "education":
      return { ...next, education: theirs };
    case "schooling":
      return { ...next, schooling: theirs };
    case "health":
      return { ...next, health: theirs.split(",") };
    case "labourSkill":
      return { ...next, labourSkill: theirs };
    case "seriousIllnessInsurance":
      return { ...next, seriousIllnessInsurance: yes(theirs) };
    default:
      return undefined;
  }
}
