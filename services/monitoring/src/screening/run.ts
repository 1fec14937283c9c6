import type { EventDraft, Risk } from "@shouwang/contract";
import type { ParameterKey } from "@shouwang/plan";
import { divisionsUnder, levelOf, toRegionCode } from "@shouwang/regions";
import {
  type AuditEntry,
  type BusinessDate,
  businessDate,
  type ParameterReader,
  readParameters,
  type Tx,
} from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { registerLeads } from "../risk-lead/register.ts";
import { parametersOf, type Settings } from "./expression.ts";
import { loadFacts, refreshDue } from "./fact-store.ts";
import { rulesInForce } from "./rule-store.ts";
import type { Rule } from "./rules.ts";
import { factsHash, type Screened, screen } from "./screen.ts";
import { insertFalseLead, loadFoundFalse, lockHouseholds } from "./store.ts";

/** The parameters of rules for one division. */
export function settingsOf(rules: readonly Pick<Rule, "when">[], read: ParameterReader, region: string): Settings {
  const keys = new Set<ParameterKey>(rules.flatMap((rule) => parametersOf(rule.when)));
  return new Map([...keys].map((key) => [key, read(key, region)]));
}

/** The division whose parameters hold for a household: its county. They are set by county and above, so that one reading serves all of its villages. */
export const countyOf = (region: string): string => toRegionCode(region.slice(0, 6));

/** The counties of a division, itself or its own where it lies in one. */
function countiesOf(region: string): string[] {
  const level = levelOf(toRegionCode(region));
  if (level !== "region" && level !== "city") return [countyOf(region)];
  return divisionsUnder(region, "county").map(({ code }) => code);
}

/** Reads what rules name once, for all counties. */
export const readSettings = (tx: Tx<DB>, rules: readonly Pick<Rule, "when">[], day: BusinessDate): Promise<ParameterReader> =>
  readParameters(tx, [...new Set<ParameterKey>(rules.flatMap((rule) => parametersOf(rule.when)))], day);

export const settingsByCounty = (
  rules: readonly Pick<Rule, "when">[],
  read: ParameterReader,
  region: string,
): Map<string, Settings> => new Map(countiesOf(region).map((county) => [county, settingsOf(rules, read, county)]));

/** Applies rules to some households, changing nothing. Answers what was found of each, in order of place and id. */
export async function screenFacts(
  tx: Tx<DB>,
  rules: readonly Rule[],
  householdIds: readonly string[],
  day: BusinessDate,
): Promise<(Screened & { householdId: string })[]> {
  const households = await loadFacts(tx, householdIds, day);
  const foundFalse = await loadFoundFalse(tx, householdIds);
  const read = await readSettings(tx, rules, day);
  const byCounty = new Map<string, Settings>();
  return households.map((household) => {
    const county = countyOf(household.region);
    const settings = byCounty.get(county) ?? settingsOf(rules, read, county);
    byCounty.set(county, settings);
    const { householdId } = household;
    return { householdId, ...screen(household, rules, settings, foundFalse.get(householdId) ?? new Set()) };
  });
}

/** What came of a household's screening; the first that is true of it counts. */
type HouseholdOutcome = "new-lead" | "joined-lead" | "known" | "known-false" | "no-finding";

export type ScreeningOutcome = {
  totals: { leads: number; merged: number; known: number; knownFalse: number };
  households: Map<string, HouseholdOutcome>;
  events: EventDraft[];
  audit: AuditEntry[];
};

/**
 * Screens some households and registers a lead for each finding, or adds it to the lead that is open (M-01). The households are locked, and what is due of their
 * facts is worked out, before the rules look at them.
 */
export async function screenHouseholds(
  tx: Tx<DB>,
  rules: readonly Rule[],
  householdIds: readonly string[],
  given: { now: Date; actor: string },
): Promise<ScreeningOutcome> {
  const outcome: ScreeningOutcome = {
    totals: { leads: 0, merged: 0, known: 0, knownFalse: 0 },
    households: new Map(householdIds.map((id) => [id, "no-finding"])),
    events: [],
    audit: [],
  };
  if (householdIds.length === 0) return outcome;
  const day = businessDate(given.now);
  await lockHouseholds(tx, householdIds);
  await refreshDue(tx, householdIds, day);
  const screened = await screenFacts(tx, rules, householdIds, day);
  const findings = screened.flatMap((each) => each.findings);
  const leads = await registerLeads(
    tx,
    findings.map((finding) => ({ ...finding, source: "department-warning", epidemic: false, foundAt: given.now })),
    given,
  );
  const registered = new Set(leads.filter((lead) => lead.outcome === "registered").map((lead) => lead.householdId));
  outcome.totals.leads = leads.filter((lead) => lead.outcome === "registered").length;
  outcome.totals.merged = leads.length - outcome.totals.leads;
  for (const { householdId, findings: found, known, knownFalse } of screened) {
    outcome.totals.known += known.length;
    outcome.totals.knownFalse += knownFalse.length;
    if (registered.has(householdId)) outcome.households.set(householdId, "new-lead");
    else if (found.length > 0) outcome.households.set(householdId, "joined-lead");
    else if (known.length > 0) outcome.households.set(householdId, "known");
    else if (knownFalse.length > 0) outcome.households.set(householdId, "known-false");
  }
  outcome.events = leads.flatMap((lead) => lead.events);
  outcome.audit = findings.map((finding, at) => ({
    action: "register-risk-lead",
    entity: "risk-lead",
    entityId: leads[at]?.leadId ?? finding.householdId,
    region: finding.region,
    clause: "M-01",
    changed: { ruleCode: finding.ruleCode, severity: finding.severity },
  }));
  return outcome;
}

/**
 * Remembers that a lead was found to be false: no rule of its cause raises the household again on what is known of it today. What is recorded later is a new
 * fact, and raises it again. Called when a lead is rejected, whatever its source was.
 */
export async function rememberFalseLead(
  tx: Tx<DB>,
  lead: { leadId: string; householdId: string; cause: Risk },
  now: Date,
): Promise<void> {
  const day = businessDate(now);
  const [household] = await loadFacts(tx, [lead.householdId], day);
  if (!household) return;
  const rules = await rulesInForce(tx, household.region, day);
  for (const rule of rules.filter(({ cause }) => cause === lead.cause)) {
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
