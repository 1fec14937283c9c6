import {
  type Department,
  type EventDraft,
  HouseholdPlanChanged,
  type MeasureCategory,
  MeasureDelivered,
  Refusal,
  RiskLeadHelped,
  refuse,
} from "@shouwang/contract";
import { businessDate, endDeadline, type Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import { deliverItem } from "../household-plan/decide.ts";
import { caseOfItem, lockPlanOfCase, savePlan, setItemDone, stateOfPlan } from "../household-plan/store.ts";
import { findCase, lockCase } from "../monitored-case/store.ts";
import { lockLead, saveLead, stateOfLead } from "../risk-lead/store.ts";
import { type FirstMeasure, firstMeasure, isDevelopment, type Measure } from "./decide.ts";
import { insertMeasure } from "./store.ts";

export type NewMeasure = {
  householdId: string;
  /** Who of the household it reached, where another department says so. */
  personId?: string | undefined;
  region: string;
  category: MeasureCategory;
  implementedAt: Date;
  amountFen?: number | undefined;
  /** Given because of the epidemic; so is one for an epidemic-caused lead or case. */
  epidemic: boolean;
  leadId?: string | undefined;
  caseId?: string | undefined;
  planItemId?: string | undefined;
  fileId?: string | undefined;
  source: { department: Department; id: string | null; kind?: string | undefined };
};

type Refused = Refusal<"lead-not-found" | "case-not-found" | "plan-not-found" | "plan-state" | "invalid-input">;

/**
 * The one way help comes to be recorded, by an officer or credited from another department when it is delivered there. It answers a lead that is owed emergency
 * help (M-03), and does the item of the household plan it was given for. A record of another department is credited once: the second time nothing happens.
 */
export async function deliverMeasure(
  tx: Tx<DB>,
  entry: NewMeasure,
  given: { now: Date; actor: string },
): Promise<{ measure: Measure; emergency: FirstMeasure | undefined; events: EventDraft[] } | Refused> {
  const itemCase = entry.planItemId === undefined ? undefined : await caseOfItem(tx, entry.planItemId);
  if (entry.planItemId !== undefined && itemCase === undefined) return refuse("plan-not-found");
  const caseId = entry.caseId ?? itemCase;
  const monitored = caseId === undefined ? undefined : await (itemCase === caseId ? lockCase : findCase)(tx, caseId);
  if (caseId !== undefined && monitored?.householdId !== entry.householdId) return refuse("case-not-found");
  if (itemCase !== undefined && itemCase !== caseId) return refuse("plan-not-found");
  const lead = entry.leadId === undefined ? undefined : await lockLead(tx, entry.leadId);
  if (entry.leadId !== undefined && lead?.householdId !== entry.householdId) return refuse("lead-not-found");

  const measure: Measure = {
    id: uuidv7(),
    householdId: entry.householdId,
    personId: entry.personId ?? null,
    region: entry.region,
    leadId: lead?.id ?? null,
    caseId: monitored?.id ?? null,
    planItemId: entry.planItemId ?? null,
    category: entry.category,
    development: isDevelopment(entry.category),
    epidemic: entry.epidemic || lead?.epidemic === true || lead?.cause === "epidemic" || monitored?.epidemic === true,
    implementedAt: entry.implementedAt,
    amountFen: entry.amountFen ?? null,
    sourceDepartment: entry.source.department,
    sourceId: entry.source.id,
    sourceKind: entry.source.kind ?? null,
    takenBackOn: null,
    fileId: entry.fileId ?? null,
    recordedBy: given.actor,
    recordedAt: given.now,
  };
  if (!(await insertMeasure(tx, measure))) return { measure, emergency: undefined, events: [] };
  const events: EventDraft[] = [MeasureDelivered.of(measure.id, 1, measure.region, factsOf(measure, entry.source.department))];
  const item = await doItem(tx, measure);
  if (item instanceof Refusal) return item;
  events.push(...item);
  const emergency = lead && firstMeasure(lead, measure);
  if (emergency?.counts) {
    await saveLead(tx, emergency.lead);
    await endDeadline(tx, "first-measure", "risk-lead", emergency.lead.id, "met", given.now);
    events.push(RiskLeadHelped.of(emergency.lead.id, emergency.lead.version, emergency.lead.region, stateOfLead(emergency.lead)));
  }
  return { measure, emergency, events };
}

/** Does the item of the plan the measure was given for; the caller holds its case. */
async function doItem(
  tx: Tx<DB>,
  measure: Measure,
): Promise<EventDraft[] | Refusal<"plan-not-found" | "plan-state" | "invalid-input">> {
  if (measure.planItemId === null || measure.caseId === null) return [];
  const plan = await lockPlanOfCase(tx, measure.caseId);
  if (!plan) return refuse("plan-not-found");
  const after = deliverItem(plan, measure.planItemId, measure.category);
  if (after instanceof Refusal) return after;
  if (after === plan) return [];
  await setItemDone(tx, measure.planItemId);
  await savePlan(tx, after);
  return [HouseholdPlanChanged.of(after.id, after.version, after.region, stateOfPlan(after))];
}

const factsOf = (measure: Measure, sourceDepartment: Department) => ({
  measureId: measure.id,
  householdId: measure.householdId,
  personId: measure.personId,
  region: measure.region,
  leadId: measure.leadId,
  caseId: measure.caseId,
  category: measure.category,
  development: measure.development,
  epidemic: measure.epidemic,
  deliveredOn: businessDate(measure.implementedAt),
  amountFen: measure.amountFen,
  sourceDepartment,
  sourceId: measure.sourceId,
});
