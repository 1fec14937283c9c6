import type { Role } from "@shouwang/contract";
import { findDivision, isWithin, rangeOf } from "@shouwang/regions";

/**
 * Who acts, as the token or the kit says. `region` is a division prefix (45, 4512, 451228, …) and bounds every row the transaction sees.
 * `counties` narrows it to a list (users of a paired Guangdong city); grid workers and helpers see the households assigned to them only.
 */
export type Principal = {
  issuer: string;
  subject: string;
  roles: readonly Role[];
  region: string;
  department?: string;
  counties?: readonly string[];
  /** Whose office this is, where somebody acts in it for another: issuer and opaque subject, as `actorOf` writes them. What is decided stays the decision of whoever acts. */
  actingFor?: string;
};

/** The name of a principal in audit rows, events and review steps: issuer and opaque subject, nothing of the person. */
export const actorOf = (principal: Pick<Principal, "issuer" | "subject">): string => `${principal.issuer}|${principal.subject}`;

const systemIssuer = "system";

/** The kit's own principal for lanes, schedules and jobs that serve the whole region; named in the audit, unreachable from HTTP. */
export const system = (job: string): Principal => ({ issuer: systemIssuer, subject: job, roles: [], region: "" });

/** Narrow roles see assigned households only, unless the same person also holds an office with an area. */
const assignedRoles: ReadonlySet<Role> = new Set<Role>(["grid-worker", "helper"]);

/**
 * What is due for somebody is due for one of these: an office, or an office of one department (`department-officer:water`), so that a department's own work
 * stands before its officers alone.
 */
export const dutiesOf = ({ roles, department }: Pick<Principal, "roles" | "department">): string[] => [
  ...roles,
  ...(department === undefined ? [] : roles.map((role) => `${role}:${department}`)),
];

/**
 * The bounds a transaction sets for row-level security, as the policies of `kit.protect` read them; `department` is for policies of rows that are one
 * department's business, and is set for whoever acts as a department's officer and nothing else.
 */
export function boundsOf(principal: Principal): {
  lo: string;
  hi: string;
  counties: string;
  assignee: string;
  department: string;
} {
  const { lo, hi } = principal.issuer === systemIssuer ? { lo: "0", hi: "a" } : rangeOf(principal.region);
  const narrow = principal.roles.length > 0 && principal.roles.every((role) => assignedRoles.has(role));
  // An empty list is no county at all, whereas an empty setting would mean that there is no list.
  const counties = principal.counties === undefined ? "" : principal.counties.join(",") || "none";
  const departmental = principal.roles.length > 0 && principal.roles.every((role) => role === "department-officer");
  const department = departmental ? (principal.department ?? "none") : "";
  return { lo, hi, counties, assignee: narrow ? principal.subject : "", department };
}

/** Whether a division lies in the principal's area. */
export function mayReach(principal: Principal, region: string): boolean {
  if (principal.issuer === systemIssuer) return true;
  const division = findDivision(region);
  if (!division || !isWithin(division.code, principal.region)) return false;
  return principal.counties === undefined || principal.counties.includes(region.slice(0, 6));
}
