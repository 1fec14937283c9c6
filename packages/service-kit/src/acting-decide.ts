import { type Refusal, type Role, refuse } from "@shouwang/contract";
import { findDivision, levelOf } from "@shouwang/regions";
import type { BusinessDate } from "./calendar.ts";
import { actorOf, mayReach, type Principal } from "./principal.ts";

/** The offices somebody can be appointed to act in: at which level each stands, and which office one level up appoints. */
const actingOffices = {
  "village-officer": { level: "village", digits: 12, appointer: "township-officer", appointerDigits: 9 },
  "township-officer": { level: "township", digits: 9, appointer: "county-officer", appointerDigits: 6 },
  "county-officer": { level: "county", digits: 6, appointer: "city-officer", appointerDigits: 4 },
  "city-officer": { level: "city", digits: 4, appointer: "region-officer", appointerDigits: 2 },
} as const;
export type ActingRole = keyof typeof actingOffices;
export const actingRoles = [
  "village-officer",
  "township-officer",
  "county-officer",
  "city-officer",
] as const satisfies readonly ActingRole[];
export const appointers: readonly Role[] = ["township-officer", "county-officer", "city-officer", "region-officer"];

/** Somebody who acts in another's office for a time. People are written as `actorOf` writes them. */
export type ActingAppointment = {
  id: string;
  /** The office's division, 12 digits. */
  region: string;
  role: ActingRole;
  acting: string;
  actingFor: string;
  from: string;
  /** The last day. */
  until: string;
  document: string;
  endedOn: string | null;
};

/**
 * Whether somebody may appoint another to act: only the office one level up does it, in its own area and not while acting itself; nobody is put in an office by
 * himself, and two different people are named. What is past cannot be acted in.
 */
export function mayAppoint(
  asked: Omit<ActingAppointment, "id" | "endedOn">,
  given: { by: Principal; today: BusinessDate },
): Refusal<"acting-not-allowed" | "outside-area" | "unknown-division" | "invalid-input"> | undefined {
  const { by, today } = given;
  const office = actingOffices[asked.role];
  const wrong = (pointer: string, rule: string, zh: string, en: string) =>
    refuse("invalid-input", { errors: [{ pointer, rule, zh, en }] });
  const no = (zh: string, en: string) => refuse("acting-not-allowed", { detail: { zh, en } });
  const division = findDivision(asked.region);
  if (!division) return refuse("unknown-division");
  if (levelOf(division.code) !== office.level)
    return wrong("/region", "level-of-office", "区划级别与岗位不符", "The division is not of the level of this office");
  if (asked.until < asked.from || asked.until < today)
    return wrong(
      "/until",
      "not-past",
      "截止日期不能早于起始日期或今天",
      "The last day is not before the first, nor before today",
    );
  if (!mayReach(by, asked.region)) return refuse("outside-area");
  if (by.actingFor !== undefined) return no("代理期间不能再任命代理", "Whoever acts for another appoints nobody to act");
  if (!appoints(by, asked.role)) return no("须由上一级任命", "The office one level up appoints");
  if (asked.acting === asked.actingFor) return no("代理人与被代理人须为两人", "Nobody acts for oneself");
  if (asked.acting === actorOf(by)) return no("不能任命自己", "Nobody appoints oneself");
  return undefined;
}

/** Whether somebody holds the office that appoints to this one, as his own. */
export const appoints = (by: Principal, role: ActingRole): boolean => {
  const { appointer, appointerDigits } = actingOffices[role];
  return by.actingFor === undefined && by.roles.includes(appointer) && by.region.length === appointerDigits;
};

/** Whether an appointment can be acted under on a day. */
export const isInForce = (appointment: Pick<ActingAppointment, "from" | "until" | "endedOn">, today: string): boolean =>
  appointment.endedOn === null && appointment.from <= today && today <= appointment.until;

/** Whoever acts, in the office acted in and in no other: that office's area and role, the person's own name. */
export const actingAs = (
  person: Principal,
  appointment: Pick<ActingAppointment, "role" | "region" | "actingFor">,
): Principal => ({
  issuer: person.issuer,
  subject: person.subject,
  roles: [appointment.role],
  region: appointment.region.slice(0, actingOffices[appointment.role].digits),
  actingFor: appointment.actingFor,
});
