import { Refusal } from "@shouwang/contract";
import { toRegionCode } from "@shouwang/regions";
import { type BusinessDate, pageOf, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { query } from "../kit.ts";
import { AreaEntry, afterOf, areaOf, chosenRules, cursorOf, PageEntry, RuleCodes } from "./area.ts";
import { countDue } from "./fact-store.ts";
import type { Rule } from "./rules.ts";
import { countyOf, readSettings, screenFacts, settingsByCounty } from "./run.ts";
import type { Finding } from "./screen.ts";
import {
  anyOf,
  countFindings,
  countHouseholds,
  type FindingCount,
  headsOf,
  type Outcome,
  type Place,
  pageOfHouseholds,
  rulesSql,
} from "./store.ts";
import { DryRunView, FindingView, findingView, placeOf, waitingOf } from "./views.ts";

const screeners = ["region-officer", "city-officer", "county-officer", "township-officer"] as const;

export const dryRun = query(
  {
    operation: "dry-run-screening",
    path: "/screening-runs/dry",
    summary: { zh: "试运行筛查(不产生线索)", en: "How many would become a lead, by county and rule, without registering any" },
    clauses: ["M-01"],
    allow: screeners,
    body: AreaEntry.extend({ rules: RuleCodes }),
    reply: DryRunView,
    problems: ["invalid-input", "unknown-division", "outside-area"],
  },
  async ({ tx, body, actor, today }) => {
    const region = areaOf(actor, body.region);
    if (region instanceof Refusal) return region;
    const rules = await chosenRules(tx, region, today, body.rules);
    if (rules instanceof Refusal) return rules;
    const byCounty = settingsByCounty(rules, await readSettings(tx, rules, today), region);
    const counts = await countFindings(tx, rules, rulesSql(rules, byCounty, today), region);
    const leadsBy = (placed: (township: string) => string) =>
      summed(counts, ({ township }) => placed(township)).map(([code, leads]) => ({ region: code, place: placeOf(code), leads }));
    const totalOf = (outcome: Outcome) =>
      counts.reduce((sum, count) => sum + (count.outcome === outcome ? count.findings : 0), 0);
    return {
      reply: {
        asOf: today,
        region,
        rules: waitingOf(rules, byCounty),
        households: await countHouseholds(tx, region),
        factsDue: await countDue(tx, region, today),
        leads: totalOf("lead"),
        joins: totalOf("joins"),
        known: totalOf("known"),
        knownFalse: totalOf("known-false"),
        byRule: summed(counts, ({ rule }) => rule).flatMap(([ord, leads]) => {
          const rule = rules[ord];
          return rule ? [{ code: rule.code, title: rule.title, leads }] : [];
        }),
        byCounty: leadsBy(countyOf),
        byTownship: leadsBy(toRegionCode),
      },
    };
  },
);

/** New leads by what `of` answers, most first. */
function summed<Key extends string | number>(counts: readonly FindingCount[], of: (count: FindingCount) => Key): [Key, number][] {
  const sums = new Map<Key, number>();
  for (const count of counts) if (count.outcome === "lead") sums.set(of(count), (sums.get(of(count)) ?? 0) + count.findings);
  return [...sums].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
}

const mostRounds = 20;

/** The next findings of an area in order of place: households are found by SQL, and each is explained by the rules themselves. */
export async function listFindings(
  tx: Tx<DB>,
  rules: readonly Rule[],
  given: { region: string; day: BusinessDate; after: Place | undefined; limit: number },
): Promise<{ findings: Finding[]; next: Place | undefined }> {
  const { join, conditions } = rulesSql(
    rules,
    settingsByCounty(rules, await readSettings(tx, rules, given.day), given.region),
    given.day,
  );
  const findings: Finding[] = [];
  let { after } = given;
  // A page of households may hold nothing but known ones: then the next is looked at, some rounds long.
  for (let round = 0; round < mostRounds; round += 1) {
    const limit = given.limit - findings.length;
    const page = await pageOfHouseholds(tx, { join, condition: anyOf(conditions) }, { region: given.region, after, limit });
    const screened = await screenFacts(
      tx,
      rules,
      page.map(({ householdId }) => householdId),
      given.day,
    );
    findings.push(...screened.flatMap((each) => each.findings));
    if (page.length < limit) return { findings, next: undefined };
    after = page.at(-1);
    if (findings.length >= given.limit) break;
  }
  return { findings, next: after };
}

export const listDryFindings = query(
  {
    operation: "list-dry-run-findings",
    path: "/screening-runs/dry/findings",
    summary: { zh: "试运行筛查名单及理由", en: "Who would become a lead, page by page, and why" },
    clauses: ["M-01"],
    allow: screeners,
    body: AreaEntry.extend({ rules: RuleCodes, ...PageEntry.shape }),
    reply: pageOf(FindingView),
    problems: ["invalid-input", "unknown-division", "outside-area"],
  },
  async ({ tx, body, actor, today }) => {
    const region = areaOf(actor, body.region);
    if (region instanceof Refusal) return region;
    const rules = await chosenRules(tx, region, today, body.rules);
    if (rules instanceof Refusal) return rules;
    const after = afterOf(body.cursor);
    const { findings, next } = await listFindings(tx, rules, { region, day: today, after, limit: body.limit });
    const heads = await headsOf(
      tx,
      findings.map(({ householdId }) => householdId),
    );
    return {
      reply: { items: findings.map((finding) => findingView(finding, heads)), next: next ? cursorOf(next) : null },
    };
  },
);
