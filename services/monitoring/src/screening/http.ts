import { RegionCode, refuse } from "@shouwang/contract";
import { findDivision, rangeOf, toRegionCode } from "@shouwang/regions";
import { businessDate, everyone, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { query, slice } from "../kit.ts";
import { screeningRules } from "./rules.ts";
import { countyOf, screenFacts, settingsFor } from "./run.ts";
import { type Screened, waitingFor } from "./screen.ts";
import { headsOf, listCandidates } from "./store.ts";
import { countsBy, DryRunView, placeOf, RuleView, ruleView } from "./views.ts";

const householdsPerQuery = 1_000;
const mostHouseholds = 100_000;
const mostExamples = 100;

const listScreeningRules = query(
  {
    operation: "list-screening-rules",
    path: "/screening-rules",
    summary: { zh: "筛查规则及现行标准", en: "The screening rules with their parameters in force" },
    clauses: ["M-01"],
    allow: everyone,
    query: z.object({ region: RegionCode.optional().describe("Whose parameters; the caller's own division when absent") }),
    reply: z.object({ items: z.array(RuleView) }),
    problems: ["unknown-division"],
  },
  async ({ tx, query: { region }, actor, today }) => {
    if (region !== undefined && !findDivision(region)) return refuse("unknown-division");
    const settings = await settingsFor(tx, screeningRules, region ?? toRegionCode(actor.region), today);
    return { reply: { items: screeningRules.map((rule) => ruleView(rule, settings)) } };
  },
);

const dryRun = query(
  {
    operation: "dry-run-screening",
    path: "/screening-runs/dry",
    summary: { zh: "试运行筛查(不产生线索)", en: "Who would become a lead, without registering any" },
    clauses: ["M-01"],
    allow: ["region-officer", "city-officer", "county-officer", "township-officer"],
    body: z.object({
      rules: z.array(z.string().max(60)).min(1).max(50).optional().describe("Codes of the rules to apply; all when absent"),
      region: z
        .string()
        .regex(/^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$/)
        .optional()
        .describe("Division code or prefix"),
    }),
    reply: DryRunView,
    problems: ["invalid-input", "unknown-division"],
  },
  async ({ tx, body, actor, now }) => {
    if (body.region !== undefined && !findDivision(body.region.padEnd(12, "0"))) return refuse("unknown-division");
    const unknown = (body.rules ?? []).flatMap((code, index) =>
      screeningRules.some((rule) => rule.code === code) ? [] : [index],
    );
    if (unknown.length > 0)
      return refuse("invalid-input", {
        errors: unknown.map((index) => ({
          pointer: `/rules/${index}`,
          rule: "unknown-rule",
          zh: "没有这条筛查规则",
          en: "There is no such screening rule",
          clause: "M-01",
        })),
      });
    const rules = screeningRules.filter((rule) => body.rules?.includes(rule.code) ?? true);
    const day = businessDate(now);
    const { households, complete, screened } = await screenArea(tx, rules, body.region, now);
    const { findings } = screened;
    const settings = await settingsFor(tx, rules, toRegionCode(body.region?.slice(0, 6) ?? actor.region), day);
    const shown = findings.slice(0, mostExamples);
    const heads = await headsOf(
      tx,
      shown.map(({ householdId }) => householdId),
    );
    return {
      reply: {
        asOf: day,
        rules: rules.map((rule) => ({ code: rule.code, waitingFor: waitingFor(rule, settings) })),
        households,
        complete,
        leads: findings.length,
        known: screened.known.length,
        knownFalse: screened.knownFalse.length,
        byCounty: countsBy(findings, countyOf),
        byTownship: countsBy(findings, (region) => toRegionCode(region.slice(0, 9))),
        examples: shown.map((finding) => ({
          ...finding,
          head: heads.get(finding.householdId) ?? null,
          place: placeOf(finding.region),
        })),
      },
    };
  },
);

/** Screens every household of an area that the rules can say anything of, up to a limit, a thousand at a time. */
async function screenArea(
  tx: Tx<DB>,
  rules: typeof screeningRules,
  region: string | undefined,
  now: Date,
): Promise<{ households: number; complete: boolean; screened: Screened }> {
  const day = businessDate(now);
  const screened: Screened = { findings: [], known: [], knownFalse: [] };
  const range = region === undefined ? undefined : rangeOf(region);
  let after: string | undefined;
  for (let households = 0; households < mostHouseholds; ) {
    const ids = await listCandidates(tx, { day, range, after, limit: householdsPerQuery });
    const { findings, known, knownFalse } = await screenFacts(tx, rules, ids, day);
    screened.findings.push(...findings);
    screened.known.push(...known);
    screened.knownFalse.push(...knownFalse);
    households += ids.length;
    after = ids.at(-1);
    if (ids.length < householdsPerQuery) return { households, complete: true, screened };
  }
  return { households: mostHouseholds, complete: false, screened };
}

/** M-01: rules over what is known of households, which propose leads. */
export const screeningSlice = slice({
  name: "screening",
  title: { zh: "部门预警规则", en: "Early-warning rules over department feeds" },
  routes: [listScreeningRules, dryRun],
});
