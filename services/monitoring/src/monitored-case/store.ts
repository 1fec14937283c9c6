import type { MonitoredCaseState, Risk } from "@shouwang/contract";
import type { Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import type { z } from "zod";
import type { DB, MonitoringMonitoredCase } from "../db.ts";
import type { MonitoredCase } from "./decide.ts";

export type { MonitoredCase } from "./decide.ts";

const fromRow = (row: Selectable<MonitoringMonitoredCase>): MonitoredCase => ({
  id: row.id,
  householdId: row.household_id,
  region: row.region,
  leadId: row.lead_id,
  previousCaseId: row.previous_case_id,
  // Safe, here and below: check constraints and the one writer of these columns hold them to the unions.
  status: row.status as MonitoredCase["status"],
  procedure: row.procedure as MonitoredCase["procedure"],
  clearanceStep: row.clearance_step as MonitoredCase["clearanceStep"],
  round: row.round,
  monitoredKind: row.monitored_kind as MonitoredCase["monitoredKind"],
  risks: row.risks as Risk[],
  disasterKind: row.disaster_kind,
  epidemic: row.epidemic,
  foundAt: row.found_at,
  openedAt: row.opened_at,
  countyApprovedOn: row.county_approved_on,
  countyDocument: row.county_document,
  nationalEntryOn: row.national_entry_on,
  includedOn: row.included_on,
  incomeAtInclusionId: row.income_at_inclusion_id,
  postingId: row.posting_id,
  clearanceProposedOn: row.clearance_proposed_on,
  clearedOn: row.cleared_on,
  clearedBy: row.cleared_by as MonitoredCase["clearedBy"],
  closedBecause: row.closed_because,
  version: row.version,
});

const toRow = (monitored: MonitoredCase) => ({
  household_id: monitored.householdId,
  region: monitored.region,
  lead_id: monitored.leadId,
  previous_case_id: monitored.previousCaseId,
  status: monitored.status,
  procedure: monitored.procedure,
  clearance_step: monitored.clearanceStep,
  round: monitored.round,
  monitored_kind: monitored.monitoredKind,
  risks: monitored.risks,
  disaster_kind: monitored.disasterKind,
  epidemic: monitored.epidemic,
  found_at: monitored.foundAt,
  opened_at: monitored.openedAt,
  county_approved_on: monitored.countyApprovedOn,
  county_document: monitored.countyDocument,
  national_entry_on: monitored.nationalEntryOn,
  included_on: monitored.includedOn,
  income_at_inclusion_id: monitored.incomeAtInclusionId,
  posting_id: monitored.postingId,
  clearance_proposed_on: monitored.clearanceProposedOn,
  cleared_on: monitored.clearedOn,
  cleared_by: monitored.clearedBy,
  closed_because: monitored.closedBecause,
  version: monitored.version,
});

/** The case's whole public state, as its events carry it. Within clearance the public status stays `clearance-proposed` until the county decides. */
export const stateOfCase = (monitored: MonitoredCase): z.input<typeof MonitoredCaseState> => ({
  caseId: monitored.id,
  householdId: monitored.householdId,
  region: monitored.region,
  leadId: monitored.leadId,
  previousCaseId: monitored.previousCaseId,
  monitoredKind: monitored.monitoredKind,
  risks: monitored.risks,
  // Safe: the route takes it from the contract's own list.
  disasterKind: monitored.disasterKind as z.input<typeof MonitoredCaseState>["disasterKind"],
  epidemic: monitored.epidemic,
  status: monitored.status,
  procedure: monitored.procedure,
  countyApprovedOn: monitored.countyApprovedOn,
  nationalEntryOn: monitored.nationalEntryOn,
  includedOn: monitored.includedOn,
  incomeAtInclusionId: monitored.incomeAtInclusionId,
  clearedOn: monitored.clearedOn,
  clearedBy: monitored.status === "cleared" ? monitored.clearedBy : null,
  closedBecause: monitored.closedBecause as z.input<typeof MonitoredCaseState>["closedBecause"],
});

export async function insertCase(tx: Tx<DB>, monitored: MonitoredCase): Promise<void> {
  await tx
    .insertInto("monitoring.monitored_case")
    .values({ id: monitored.id, ...toRow(monitored) })
    .execute();
}

export async function saveCase(tx: Tx<DB>, monitored: MonitoredCase): Promise<void> {
  await tx.updateTable("monitoring.monitored_case").set(toRow(monitored)).where("id", "=", monitored.id).execute();
}

export async function findCase(tx: Tx<DB>, id: string): Promise<MonitoredCase | undefined> {
  const row = await tx.selectFrom("monitoring.monitored_case").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

export async function lockCase(tx: Tx<DB>, id: string): Promise<MonitoredCase | undefined> {
  const row = await tx.selectFrom("monitoring.monitored_case").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  return row && fromRow(row);
}

const ended = ["refused", "cleared", "closed"] as const;

/** The household's open case, if there is one. */
export async function findOpenCase(tx: Tx<DB>, householdId: string): Promise<MonitoredCase | undefined> {
  const row = await tx
    .selectFrom("monitoring.monitored_case")
    .selectAll()
    .where("household_id", "=", householdId)
    .where("status", "not in", ended)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** The household's newest case that was cleared: a new one leads back to it. */
export async function findClearedCase(tx: Tx<DB>, householdId: string): Promise<MonitoredCase | undefined> {
  const row = await tx
    .selectFrom("monitoring.monitored_case")
    .selectAll()
    .where("household_id", "=", householdId)
    .where("status", "=", "cleared")
    .orderBy("opened_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function casesOf(tx: Tx<DB>, householdId: string): Promise<MonitoredCase[]> {
  const rows = await tx
    .selectFrom("monitoring.monitored_case")
    .selectAll()
    .where("household_id", "=", householdId)
    .orderBy("opened_at")
    .execute();
  return rows.map(fromRow);
}

export type CaseFilter = {
  status?: string | undefined;
  householdId?: string | undefined;
  epidemic?: boolean | undefined;
  region?: { lo: string; hi: string } | undefined;
  after?: string | undefined;
  limit: number;
};

/** Cases of the caller's area in order of their id; `limit + 1` rows. */
export async function listCases(tx: Tx<DB>, filter: CaseFilter): Promise<MonitoredCase[]> {
  let query = tx
    .selectFrom("monitoring.monitored_case")
    .selectAll()
    .orderBy("id")
    .limit(filter.limit + 1);
  if (filter.region) query = query.where("region", ">=", filter.region.lo).where("region", "<", filter.region.hi);
  if (filter.status) query = query.where("status", "=", filter.status);
  if (filter.householdId) query = query.where("household_id", "=", filter.householdId);
  if (filter.epidemic !== undefined) query = query.where("epidemic", "=", filter.epidemic);
  if (filter.after) query = query.where("id", ">", filter.after);
  return (await query.execute()).map(fromRow);
}

/** Where a case stands when a step may follow; within clearance its own column says it. */
const standsBefore = { "township-check": ["posted"], "county-approval": ["township-checked"] } as const;

/** Cases of an area that wait for a step, in order of their id. */
export async function casesWaitingFor(
  tx: Tx<DB>,
  step: keyof typeof standsBefore,
  filter: { area: { lo: string; hi: string }; procedure: "inclusion" | "clearance" | undefined; limit: number },
): Promise<{ id: string; version: number }[]> {
  let query = tx
    .selectFrom("monitoring.monitored_case")
    .select(["id", "version"])
    .where("region", ">=", filter.area.lo)
    .where("region", "<", filter.area.hi)
    .where((place) => place(place.fn.coalesce("clearance_step", "status"), "in", standsBefore[step]))
    .orderBy("id")
    .limit(filter.limit);
  if (filter.procedure) query = query.where("procedure", "=", filter.procedure);
  return await query.execute();
}

export type IdentificationDays = { cases: number; medianDays: number | null };

/** M-03: from the discovery to the county's approval, of the cases a county approved in a span, by whether the epidemic caused them. */
export async function identificationDaysOf(
  tx: Tx<DB>,
  span: { from: string; until: string; epidemic: boolean },
): Promise<IdentificationDays> {
  const { rows } = await sql<IdentificationDays>`select count(*)::int as cases,
      percentile_cont(0.5) within group (order by county_approved_on - (found_at at time zone 'Asia/Shanghai')::date) as "medianDays"
    from monitoring.monitored_case where county_approved_on between ${span.from}::date and ${span.until}::date and epidemic = ${span.epidemic}`.execute(
    tx,
  );
  return rows[0] ?? { cases: 0, medianDays: null };
}

export type CasePaper = {
  id: string;
  caseId: string;
  householdId: string;
  region: string;
  kind: string;
  detail: Record<string, unknown>;
  fileId: string | null;
  recordedBy: string;
  at: Date;
};

export async function insertPaper(tx: Tx<DB>, paper: CasePaper): Promise<void> {
  await tx
    .insertInto("monitoring.case_paper")
    .values({
      id: paper.id,
      case_id: paper.caseId,
      household_id: paper.householdId,
      region: paper.region,
      kind: paper.kind,
      detail: JSON.stringify(paper.detail),
      file_id: paper.fileId,
      recorded_by: paper.recordedBy,
      at: paper.at,
    })
    .execute();
}

export async function papersOf(
  tx: Tx<DB>,
  caseId: string,
): Promise<{ kind: string; detail: unknown; fileId: string | null; at: Date }[]> {
  return await tx
    .selectFrom("monitoring.case_paper")
    .select(["kind", "detail", "file_id as fileId", "at"])
    .where("case_id", "=", caseId)
    .orderBy("at")
    .execute();
}

/** What clearance must know: open leads of the household and measures given in the case's time. */
export async function clearanceCounts(
  tx: Tx<DB>,
  householdId: string,
  since: string,
): Promise<{ openLeads: number; measures: number }> {
  const leads = await tx
    .selectFrom("monitoring.risk_lead")
    .select((eb) => eb.fn.countAll<number>().as("n"))
    .where("household_id", "=", householdId)
    .where("status", "in", ["registered", "dispatched"])
    .executeTakeFirstOrThrow();
  const measures = await tx
    .selectFrom("monitoring.measure")
    .select((eb) => eb.fn.countAll<number>().as("n"))
    .where("household_id", "=", householdId)
    .where("taken_back_on", "is", null)
    .where("implemented_at", ">=", new Date(`${since}T00:00:00+08:00`))
    .executeTakeFirstOrThrow();
  return { openLeads: leads.n, measures: measures.n };
}

/** Whether the case has somebody answerable today and an approved household plan. */
export async function helpIsReady(tx: Tx<DB>, caseId: string): Promise<boolean> {
  const helper = await tx
    .selectFrom("monitoring.helper")
    .select("id")
    .where("case_id", "=", caseId)
    .where("until_date", "is", null)
    .limit(1)
    .executeTakeFirst();
  const plan = await tx
    .selectFrom("monitoring.household_plan")
    .select("id")
    .where("case_id", "=", caseId)
    .where("status", "=", "approved")
    .limit(1)
    .executeTakeFirst();
  return helper !== undefined && plan !== undefined;
}
