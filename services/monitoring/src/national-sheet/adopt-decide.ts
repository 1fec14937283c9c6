type HouseholdFields = {
  householdNo: string | null;
  hamlet: string | null;
  guarantees: { housing: boolean | null; drinkingWater: boolean | null };
  version: number;
};
type PersonFields = {
  education: string | null;
  schooling: string | null;
  health: string[];
  labourSkill: string;
  seriousIllnessInsurance: boolean | null;
  version: number;
};

const yes = (value: string): boolean => value === "yes";

/** The household with one field as the national system gives it; undefined where the field is none of the household's that can be taken over. */
export function adoptedHousehold<H extends HouseholdFields>(household: H, field: string, theirs: string): H | undefined {
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
export function adoptedPerson<P extends PersonFields>(person: P, field: string, theirs: string): P | undefined {
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
