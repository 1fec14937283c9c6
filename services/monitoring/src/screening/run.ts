import type { EventDraft, Risk } from "@shouwang/contract";
import type { ParameterKey } from "@shouwang/plan";
import { toRegionCode } from "@shouwang/regions";
import {
  type AuditEntry,
  type BusinessDate,
  businessDate,
  type ParameterInForce,
  parameterFor,
  type Tx,
} from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { registerLead } from "../risk-lead/register.ts";
import { parametersOf, type Settings } from "./expression.ts";
import { type Rule, screeningRules } from "./rules.ts";
import { factsHash, type Screened, screen } from "./screen.ts";
import { insertFalseLead, loadFacts, loadFoundFalse, lockHouseholds } from "./store.ts";

/** The county's own parameters of the rules. They are set by county and above, so that one reading serves all of its villages. */
export async function settingsFor(tx: Tx<DB>, rules: readonly Rule[], region: string, day: BusinessDate): Promise<Settings> {
  const settings = new Map<ParameterKey, ParameterInForce>();
  for (const key of new Set(rules.flatMap((rule) => parametersOf(rule.when))))
    settings.set(key, await parameterFor(tx, key, region, day));
  return settings;
}

/** The division whose parameters hold for a household: its county. */
export const countyOf = (region: string): string => toRegionCode(region.slice(0, 6));

/** Applies rules to some households, changing nothing. */
export async function screenFacts(
  tx: Tx<DB>,
  rules: readonly Rule[],
  householdIds: readonly string[],
  day: BusinessDate,
): Promise<Screened> {
  const households = await loadFacts(tx, householdIds, day);
  const foundFalse = await loadFoundFalse(tx, householdIds);
  const settings = new Map<string, Settings>();
  for (const county of new Set(households.map(({ region }) => countyOf(region))))
    settings.set(county, await settingsFor(tx, rules, county, day));
  const each = households.map((household) =>
    screen(
      household,
      rules,
      settings.get(countyOf(household.region)) ?? new Map(),
      foundFalse.get(household.householdId) ?? new Set(),
    ),
  );
  return {
    findings: each.flatMap(({ findings }) => findings),
    known: each.flatMap(({ known }) => known),
    knownFalse: each.flatMap(({ knownFalse }) => knownFalse),
  };
}

export type ScreeningOutcome = {
  totals: { leads: number; merged: number; known: number; knownFalse: number };
  events: EventDraft[];
  audit: AuditEntry[];
};

/** Screens some households with every rule and registers a lead for each finding, or adds it to the lead that is open (M-01). */
export async function screenHouseholds(
  tx: Tx<DB>,
  householdIds: readonly string[],
  given: { now: Date; actor: string },
): Promise<ScreeningOutcome> {
  const outcome: ScreeningOutcome = {
    totals: { leads: 0, merged: 0, known: 0, knownFalse: 0 },
    events: [],
    audit: [],
  };
  if (householdIds.length === 0) return outcome;
  await lockHouseholds(tx, householdIds);
  const screened = await screenFacts(tx, screeningRules, householdIds, businessDate(given.now));
  outcome.totals.known = screened.known.length;
  outcome.totals.knownFalse = screened.knownFalse.length;
  for (const finding of screened.findings) {
    const entry = { ...finding, source: "department-warning", epidemic: false, foundAt: given.now } as const;
    const lead = await registerLead(tx, entry, given);
    outcome.totals[lead.outcome === "registered" ? "leads" : "merged"] += 1;
    outcome.events.push(...lead.events);
    outcome.audit.push({
      action: "register-risk-lead",
      entity: "risk-lead",
      entityId: lead.leadId,
      region: finding.region,
      clause: "M-01",
      changed: { ruleCode: finding.ruleCode, severity: finding.severity },
    });
  }
  return outcome;
}

/**
 * Remembers that a lead was found to be false: no rule of its cause raises the household again on what is known of it today. A bill or an income recorded
 * later is a new fact, and raises it again. Called when a lead is rejected, whatever its source was.
 */
export async function rememberFalseLead(
  tx: Tx<DB>,
  lead: { leadId: string; householdId: string; cause: Risk },
  now: Date,
): Promise<void> {
  const [household] = await loadFacts(tx, [lead.householdId], businessDate(now));
  if (!household) return;
  for (const rule of screeningRules.filter(({ cause }) => cause === lead.cause)) {
    await insertFalseLead(tx, {
      householdId: lead.householdId,
      region: household.region,
      ruleCode: rule.code,
      factsHash: factsHash(rule, household),
      leadId: lead.leadId,
      at: now,
    });
  }
}
