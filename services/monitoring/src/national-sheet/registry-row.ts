import { checkIdentityNumber } from "@shouwang/service-kit";
import type { BusinessDate } from "@shouwang/service-kit/calendar";
import type { PersonSecret } from "../household/person-store.ts";
import type { Household } from "../household/store.ts";
import { certificateOf, joinCodes } from "./read-row.ts";

/** The case that tells since when a household is monitored. */
export type CaseDays = { risks: readonly string[]; includedOn: string | null; clearedOn: string | null };
export type Values = Readonly<Record<string, string | null>>;

const yesNo = (value: boolean | null): string | null => (value === null ? null : value ? "yes" : "no");
const month = (day: string | null | undefined): string | null => day?.slice(0, 7) ?? null;

/** What the registry says of a household, by the keys of the national system's columns; null where it says nothing. */
export function householdValues(household: Household, monitored: CaseDays | undefined): Values {
  const isMonitored = household.monitoredKind !== null;
  const unsafe = household.guarantees.housing === null ? null : !household.guarantees.housing;
  return {
    householdNo: household.householdNo,
    hamlet: household.hamlet,
    headcount: String(household.headcount),
    unsafeHousing: yesNo(unsafe),
    drinkingWater: yesNo(household.guarantees.drinkingWater),
    householdKind: household.householdKind,
    monitoredKind: household.monitoredKind,
    risk: isMonitored ? (monitored?.risks[0] ?? null) : null,
    riskCleared: isMonitored ? yesNo(household.riskCleared) : null,
    includedIn: isMonitored ? month(monitored?.includedOn) : null,
    clearedIn: isMonitored ? month(monitored?.clearedOn) : null,
  };
}

/** A member as the registry holds them, opened. */
export type Member = {
  id: string;
  householdId: string;
  relation: string;
  education: string | null;
  schooling: string | null;
  health: readonly string[];
  labourSkill: string;
  seriousIllnessInsurance: boolean | null;
  secret: PersonSecret;
};

/** What the registry says of a person, by the keys of the columns. */
export function personValues(member: Member, today: BusinessDate): Values {
  const identity = checkIdentityNumber(member.secret.identityNumber, today);
  return {
    name: member.secret.name,
    relation: member.relation,
    education: member.education,
    schooling: member.schooling,
    health: member.health.length === 0 ? null : joinCodes(member.health),
    labourSkill: member.labourSkill,
    seriousIllnessInsurance: yesNo(member.seriousIllnessInsurance),
    phone: member.secret.phone ?? null,
    certificate: identity.ok ? certificateOf(identity.disability) : null,
  };
}
