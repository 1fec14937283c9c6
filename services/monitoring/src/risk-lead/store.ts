import { Reason, type Risk, type RiskLeadState } from "@shouwang/contract";
import { businessDate, type ParameterReader, readParameters, type Tx } from "@shouwang/service-kit";
import { type RawBuilder, type Selectable, sql } from "kysely";
import { z } from "zod";
import type { DB, MonitoringRiskLead } from "../db.ts";
import type { EmergencySettings, LeadStatus, RiskLead, Severity, UngradedLead } from "./decide.ts";

const fromRow = (row: Omit<Selectable<MonitoringRiskLead>, "note">): RiskLead => ({
  id: row.id,
  householdId: row.household_id,
  region: row.region,
  source: row.source,
  // Safe, here and below: check constraints and the one writer of these columns hold them to the unions.
  cause: row.cause as Risk,
  epidemic: row.epidemic,
  severity: row.severity as Severity,
  status: row.status as LeadStatus,
  ruleCode: row.rule_code,
  explanation: z.array(Reason).parse(row.explanation),
  foundAt: row.found_at,
  registeredAt: row.registered_at,
  lateRegistration: row.late_registration,
  gradedAt: row.graded_at,
  dispatchedAt: row.dispatched_at,
  dispatchedTo: row.dispatched_to,
  verifiedAt: row.verified_at,
  rejectedBecause: row.rejected_because,
  emergency: row.emergency as RiskLead["emergency"],
  emergencyDueAt: row.emergency_due_at,
  firstMeasureAt: row.first_measure_at,
  mergedInto: row.merged_into,
  version: row.version,
});

const toRow = (lead: RiskLead) => ({
  household_id: lead.householdId,
  region: lead.region,
  source: lead.source,
  cause: lead.cause,
  epidemic: lead.epidemic,
  severity: lead.severity,
  status: lead.status,
  rule_code: lead.ruleCode,
  explanation: JSON.stringify(lead.explanation),
  found_at: lead.foundAt,
  registered_at: lead.registeredAt,
  late_registration: lead.lateRegistration,
  graded_at: lead.gradedAt,
  dispatched_at: lead.dispatchedAt,
  dispatched_to: lead.dispatchedTo,
  verified_at: lead.verifiedAt,
  rejected_because: lead.rejectedBecause,
  emergency: lead.emergency,
  emergency_due_at: lead.emergencyDueAt,
  first_measure_at: lead.firstMeasureAt,
  merged_into: lead.mergedInto,
  version: lead.version,
});

/** The lead's whole public state, as its events carry it. */
export const stateOfLead = (lead: RiskLead): z.input<typeof RiskLeadState> => ({
  leadId: lead.id,
  householdId: lead.householdId,
  region: lead.region,
  // Safe: registerLead takes the source from the contract's own list.
  source: lead.source as z.input<typeof RiskLeadState>["source"],
  cause: lead.cause,
  severity: lead.severity,
  epidemic: lead.epidemic,
  foundOn: businessDate(lead.foundAt),
  foundAt: lead.foundAt.toISOString(),
  gradedAt: lead.gradedAt?.toISOString() ?? null,
  verifiedAt: lead.verifiedAt?.toISOString() ?? null,
  status: lead.status,
  rejectedBecause: lead.rejectedBecause as z.input<typeof RiskLeadState>["rejectedBecause"],
  emergency: lead.emergency,
  emergencyDueOn: lead.emergencyDueAt ? businessDate(lead.emergencyDueAt) : null,
  ruleCode: lead.ruleCode,
  mergedInto: lead.mergedInto,
});

/** The columns of a lead as a record set of its rows in JSON: one parameter, however many rows. */
const recordset = sql`as given (id uuid, household_id uuid, region text, source text, cause text, epidemic boolean, severity text, status text, rule_code text,
  explanation jsonb, found_at timestamptz, registered_at timestamptz, late_registration boolean, graded_at timestamptz, dispatched_at timestamptz,
  dispatched_to text, verified_at timestamptz, rejected_because text, emergency text, emergency_due_at timestamptz, first_measure_at timestamptz,
  merged_into uuid, version bigint, note bytea)`;
const columns = sql`household_id, region, source, cause, epidemic, severity, status, rule_code, explanation, found_at, registered_at, late_registration, graded_at,
  dispatched_at, dispatched_to, verified_at, rejected_because, emergency, emergency_due_at, first_measure_at, merged_into, version`;
const asJson = (leads: readonly (RiskLead & { note?: Buffer | undefined })[]): string =>
  JSON.stringify(
    leads.map(({ note, ...lead }) => ({
      ...toRow(lead),
      explanation: lead.explanation,
      id: lead.id,
      ...(note === undefined ? {} : { note: `\\x${note.toString("hex")}` }),
    })),
  );

/** Stores new leads in one statement; `note` is sealed. */
export async function insertLeads(
  tx: Tx<DB>,
  leads: readonly (RiskLead & { note?: Buffer | undefined })[],
  reportedBy: string,
): Promise<void> {
  if (leads.length === 0) return;
  await sql`insert into monitoring.risk_lead (id, ${columns}, note, reported_by)
    select id, ${columns}, note, ${reportedBy} from jsonb_to_recordset(${asJson(leads)}::jsonb) ${recordset}`.execute(tx);
}

/** Writes leads back in one statement. */
export async function saveLeads(tx: Tx<DB>, leads: readonly RiskLead[]): Promise<void> {
  if (leads.length === 0) return;
  await sql`update monitoring.risk_lead l set (${columns}) = (select ${columns} from (select given.*) as written)
    from jsonb_to_recordset(${asJson(leads)}::jsonb) ${recordset} where l.id = given.id`.execute(tx);
}

export async function saveLead(tx: Tx<DB>, lead: RiskLead): Promise<void> {
  await tx.updateTable("monitoring.risk_lead").set(toRow(lead)).where("id", "=", lead.id).execute();
}

export async function findLead(tx: Tx<DB>, id: string): Promise<RiskLead | undefined> {
  const row = await tx.selectFrom("monitoring.risk_lead").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

export async function lockLead(tx: Tx<DB>, id: string): Promise<RiskLead | undefined> {
  const row = await tx.selectFrom("monitoring.risk_lead").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  return row && fromRow(row);
}

/** The open leads of these households and causes, locked; there is at most one of each. */
export async function lockOpenLeads(tx: Tx<DB>, of: readonly { householdId: string; cause: string }[]): Promise<RiskLead[]> {
  const { rows } = await sql<Selectable<MonitoringRiskLead>>`select l.* from monitoring.risk_lead l
    join unnest(${of.map(({ householdId }) => householdId)}::uuid[], ${of.map(({ cause }) => cause)}::text[]) as asked (household_id, cause)
      on asked.household_id = l.household_id and asked.cause = l.cause
    where l.household_id = any(${of.map(({ householdId }) => householdId)}::uuid[]) and l.status in ('registered', 'dispatched') order by l.id for update of l`.execute(
    tx,
  );
  return rows.map(fromRow);
}

/** Whether a lead carries the epidemic tag, by its cause or beside another one (G-02). */
const isEpidemic = sql<boolean>`(epidemic or cause = 'epidemic')`;
/** M-03: a severe lead whose first measure is owed and late. */
export const unhelpedLate = (lead: RawBuilder<unknown>) =>
  sql`(${lead}.emergency = 'required' and ${lead}.emergency_due_at < kit.now() and ${lead}.status not in ('rejected', 'merged'))`;
/**
 * G-01: a lead nobody has verified within its term, or not even sent out to be verified. `is true` keeps the late clocks a set that is read once and looked up
 * in: under row-level security the planner takes them for one row, and would go through all of them for each lead.
 */
export const unverifiedLate = (lead: RawBuilder<unknown>) =>
  sql`(${lead}.status in ('registered', 'dispatched') and (${lead}.id::text in (select d.entity_id from kit.deadline d where d.entity = 'risk-lead'
    and d.kind in ('dispatch-lead', 'verify-lead') and d.state = 'open' and d.due_at < kit.now())) is true)`;

export type LeadFilter = {
  status?: string | undefined;
  severity?: string | undefined;
  cause?: string | undefined;
  householdId?: string | undefined;
  epidemic?: boolean | undefined;
  overdue?: boolean | undefined;
  unverifiedLate?: boolean | undefined;
  /** Only leads turned away since this moment, which are still watched. */
  rejectedSince?: Date | undefined;
  region?: { lo: string; hi: string } | undefined;
  after?: string | undefined;
  limit: number;
};

/** Leads of the caller's area in order of their id; `limit + 1` rows. */
export async function listLeads(tx: Tx<DB>, filter: LeadFilter): Promise<RiskLead[]> {
  let query = tx
    .selectFrom("monitoring.risk_lead")
    .selectAll()
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.region) query = query.where("region", ">=", filter.region.lo).where("region", "<", filter.region.hi);
  if (filter.status) query = query.where("status", "=", filter.status);
  if (filter.severity) query = query.where("severity", "=", filter.severity);
  if (filter.cause) query = query.where("cause", "=", filter.cause);
  if (filter.householdId) query = query.where("household_id", "=", filter.householdId);
  if (filter.epidemic !== undefined) query = query.where(isEpidemic, "=", filter.epidemic);
  if (filter.overdue) query = query.where(sql<boolean>`${unhelpedLate(sql`risk_lead`)}`);
  if (filter.unverifiedLate) query = query.where(sql<boolean>`${unverifiedLate(sql`risk_lead`)}`);
  if (filter.rejectedSince) query = query.where("status", "=", "rejected").where("verified_at", ">=", filter.rejectedSince);
  if (filter.after) query = query.where("id", ">", filter.after);
  return (await query.execute()).map(fromRow);
}

/** The open leads nobody has graded, the longest known first: as many as a day brings, since the clock grades what stands longer. */
export async function ungradedLeads(tx: Tx<DB>): Promise<UngradedLead[]> {
  const rows = await tx
    .selectFrom("monitoring.risk_lead")
    .select(["id", "region", "status", "severity", "cause", "epidemic", "registered_at"])
    .where("severity", "=", "ungraded")
    .where("status", "in", ["registered", "dispatched"])
    .orderBy("registered_at")
    .orderBy("id")
    .execute();
  return rows.map(({ registered_at, ...row }) => ({
    ...row,
    // Safe: as for a whole row.
    ...{ cause: row.cause as Risk, severity: row.severity as Severity, status: row.status as LeadStatus },
    registeredAt: registered_at,
  }));
}

/** The leads of these ids, locked; those somebody else is at are left out. */
export async function lockLeads(tx: Tx<DB>, ids: readonly string[]): Promise<RiskLead[]> {
  const { rows } = await sql<
    Selectable<MonitoringRiskLead>
  >`select * from monitoring.risk_lead where id = any(${[...ids]}::uuid[]) order by id for update skip locked`.execute(tx);
  return rows.map(fromRow);
}

export async function insertVerification(
  tx: Tx<DB>,
  verification: {
    id: string;
    leadId: string;
    householdId: string;
    region: string;
    visitedOn: string;
    team: readonly string[];
    outcome: string;
    note: Buffer | undefined;
    recordedBy: string;
    at: Date;
  },
): Promise<void> {
  await tx
    .insertInto("monitoring.lead_verification")
    .values({
      id: verification.id,
      lead_id: verification.leadId,
      household_id: verification.householdId,
      region: verification.region,
      visited_on: verification.visitedOn,
      team: [...verification.team],
      outcome: verification.outcome,
      note: verification.note ?? null,
      recorded_by: verification.recordedBy,
      at: verification.at,
    })
    .execute();
}

/** What M-03's clock is worked out from. */
export const emergencyKeys = [
  "emergency.days",
  "emergency.causes",
  "emergency.clockStart",
  "emergency.dayKind",
  "emergency.remindHoursBefore",
  "emergency.cityAfterHours",
] as const;

/** M-03's settings in force for a place and day. */
export async function emergencySettings(tx: Tx<DB>, region: string, date: string): Promise<EmergencySettings> {
  return emergencySettingsOf(await readParameters(tx, emergencyKeys, date), region);
}

/** The same out of parameters that were read before, for many places at once. */
export function emergencySettingsOf(read: ParameterReader, region: string): EmergencySettings {
  const days = read("emergency.days", region);
  return {
    days: days.value,
    causes: read("emergency.causes", region).value,
    clockStart: read("emergency.clockStart", region).value,
    dayKind: read("emergency.dayKind", region).value,
    remindHoursBefore: read("emergency.remindHoursBefore", region).value,
    cityAfterHours: read("emergency.cityAfterHours", region).value,
    document: days.document,
  };
}
