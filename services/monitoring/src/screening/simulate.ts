import { Bilingual, Reason, Refusal, RegionCode, refuse } from "@shouwang/contract";
import { findParameter, type ParameterKey } from "@shouwang/plan";
import { findDivision, rangeOf, toRegionCode } from "@shouwang/regions";
import { type BusinessDate, fitsUnit, type ParameterReader, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { query } from "../kit.ts";
import { AreaEntry, afterOf, areaOf, cursorOf, noSuchRule, PageEntry } from "./area.ts";
import { type Expression, evaluate, parametersOf } from "./expression.ts";
import type { Condition } from "./expression-store.ts";
import { loadFacts } from "./fact-store.ts";
import type { HouseholdFacts } from "./facts.ts";
import { ExpressionEntry } from "./rule-schema.ts";
import { rulesInForce } from "./rule-store.ts";
import { incomeConditions } from "./rules.ts";
import { countyOf, readSettings, settingsByCounty, settingsOf } from "./run.ts";
import { anyOf, bothJoins, countChange, headsOf, pageOfHouseholds, rulesSql, trueButNot } from "./store.ts";
import { placeOf, Waiting, waitingOf } from "./views.ts";

/** A condition as it stands and as it would be; false where it is not, or would not be, there. */
type Compared = { code: string; region: string; title: { zh: string; en: string }; before: Expression; after: Expression };
const never: Expression = { any: [] };
const wholeRegion = "450000000000";

const ParameterChange = z.strictObject({
  key: z.string().max(80),
  value: z.unknown().describe("The value to try; null to try that it is not loaded"),
  region: RegionCode.optional().describe("Division it would be set for; the whole region when absent"),
});
const RuleChange = z.strictObject({
  code: z.string().max(60),
  when: z.record(z.string(), z.unknown()).nullable().describe("The condition to try; null to try without the rule"),
});

const Counts = { before: z.int(), after: z.int(), added: z.int(), removed: z.int() };
const Affected = z.object({
  householdId: z.string(),
  head: z.string().nullable().describe("Masked"),
  region: z.string(),
  place: z.string(),
  before: z.boolean(),
  after: z.boolean(),
  reasons: z.array(Reason).describe("As it would be"),
});

export const simulateScreening = query(
  {
    operation: "simulate-screening",
    path: "/screening-simulations",
    summary: {
      zh: "试算:调整标准或规则后涉及的农户(不写入)",
      en: "Try a parameter's value or a rule: which households it would add or remove, by county; nothing is written",
    },
    clauses: ["M-01", "M-03", "M-05"],
    allow: ["region-officer", "city-officer", "county-officer"],
    body: AreaEntry.extend({
      parameters: z.array(ParameterChange).max(20).default([]),
      rules: z.array(RuleChange).max(20).default([]),
      conditions: z
        .array(z.string().max(60))
        .min(1)
        .max(50)
        .optional()
        .describe("Codes of rules and income conditions to compare; those that the change concerns when absent"),
      list: z.enum(["before", "after", "added", "removed"]).optional().describe("Also answers these households, page by page"),
      ...PageEntry.shape,
    }),
    reply: z.object({
      asOf: z.string(),
      region: z.string(),
      conditions: z.array(z.object({ code: z.string(), title: Bilingual })),
      waiting: z.array(Waiting).describe("What conditions would still wait for after the change"),
      ...Counts,
      byCounty: z.array(z.object({ region: z.string(), place: z.string(), ...Counts })),
      items: z.array(Affected),
      next: z.string().nullable(),
    }),
    problems: ["invalid-input", "unknown-division", "outside-area"],
  },
  async ({ tx, body, actor, today }) => {
    const region = areaOf(actor, body.region);
    if (region instanceof Refusal) return region;
    const wrong = wrongParameters(body.parameters);
    if (wrong) return wrong;
    const compared = await comparedConditions(tx, region, today, body);
    if (compared instanceof Refusal) return compared;

    const before = compared.map(({ code, region: place, before: when }) => ({ code, region: place, when }));
    const after = compared.map(({ code, region: place, after: when }) => ({ code, region: place, when }));
    const read = await readSettings(tx, [...before, ...after], today);
    const tried = withChanges(read, body.parameters);
    const triedByCounty = settingsByCounty(after, tried, region);
    const asIs = rulesSql(before, settingsByCounty(before, read, region), today, "p");
    const asTried = rulesSql(after, triedByCounty, today, "q");
    const is = anyOf(asIs.conditions);
    const would = anyOf(asTried.conditions);
    const join = bothJoins(asIs.join, asTried.join);
    const counties = await countChange(tx, { join, before: is, after: would }, region);
    const sum = (of: "before" | "after" | "added" | "removed") => counties.reduce((total, county) => total + county[of], 0);

    const listed: Record<NonNullable<typeof body.list>, Condition> = {
      before: is,
      after: would,
      added: trueButNot(would, is),
      removed: trueButNot(is, would),
    };
    const page = body.list
      ? await pageOfHouseholds(
          tx,
          { join, condition: listed[body.list] },
          { region, after: afterOf(body.cursor), limit: body.limit },
        )
      : [];
    const last = page.at(-1);
    const ids = page.map(({ householdId }) => householdId);
    const households = await loadFacts(tx, ids, today);
    const heads = await headsOf(tx, ids);
    const holds = (household: HouseholdFacts, reader: ParameterReader, conditions: typeof before) => {
      const settings = settingsOf(conditions, reader, countyOf(household.region));
      const here = conditions.filter((condition) => household.region.startsWith(rangeOf(condition.region).lo));
      const each = here.map(({ when }) => evaluate(when, household.facts, settings));
      return { holds: each.some(({ truth }) => truth === true), reasons: each.flatMap(({ reasons }) => reasons()) };
    };
    return {
      reply: {
        asOf: today,
        region,
        conditions: compared.map(({ code, title }) => ({ code, title })),
        waiting: waitingOf(after, triedByCounty).filter(({ waitingFor }) => waitingFor.length > 0),
        before: sum("before"),
        after: sum("after"),
        added: sum("added"),
        removed: sum("removed"),
        byCounty: counties.map(({ county, ...counts }) => {
          const code = toRegionCode(county);
          return { region: code, place: placeOf(code), ...counts };
        }),
        items: households.map((household) => {
          const { holds: wouldHold, reasons } = holds(household, tried, after);
          const { householdId, region: village } = household;
          const shown = { householdId, region: village, head: heads.get(householdId) ?? null, place: placeOf(village) };
          return { ...shown, before: holds(household, read, before).holds, after: wouldHold, reasons };
        }),
        next: last && page.length === body.limit ? cursorOf(last) : null,
      },
    };
  },
);

type ParameterTried = z.output<typeof ParameterChange>;

function wrongParameters(changes: readonly ParameterTried[]): Refusal<"invalid-input"> | undefined {
  const errors = changes.flatMap(({ key, value, region }, index) => {
    const at = `/parameters/${index}`;
    const definition = findParameter(key);
    if (!definition)
      return [{ pointer: `${at}/key`, rule: "unknown-parameter", zh: "没有这个参数", en: "There is no such parameter" }];
    if (value !== null && !fitsUnit(definition.unit, value, definition.options))
      return [{ pointer: `${at}/value`, rule: "parameter-unit", zh: "数值与参数单位不符", en: "Not a value of its unit" }];
    if (region !== undefined && !findDivision(region))
      return [{ pointer: `${at}/region`, rule: "unknown-division", zh: "没有这个行政区划", en: "There is no such division" }];
    return [];
  });
  return errors.length > 0 ? refuse("invalid-input", { errors }) : undefined;
}

/** What is compared: named rules and income conditions, else those the change concerns, else (nothing changes) all rules in force. */
async function comparedConditions(
  tx: Tx<DB>,
  region: string,
  day: BusinessDate,
  body: {
    parameters: readonly ParameterTried[];
    rules: readonly z.output<typeof RuleChange>[];
    conditions?: readonly string[] | undefined;
  },
): Promise<Compared[] | Refusal<"invalid-input">> {
  const changed = new Map<string, Expression>();
  for (const [index, { code, when }] of body.rules.entries()) {
    const parsed = when === null ? { success: true as const, data: never } : ExpressionEntry.safeParse(when);
    if (!parsed.success)
      return refuse("invalid-input", {
        errors: [
          {
            pointer: `/rules/${index}/when`,
            rule: "condition",
            zh: "条件不正确:请核对事实、参数及其单位",
            en: "Not a condition over known facts and parameters",
          },
        ],
      });
    changed.set(code, parsed.data);
  }
  const rules = await rulesInForce(tx, region, day);
  const present = [...rules, ...incomeConditions.map((condition) => ({ ...condition, region: wholeRegion }))];
  const all = [
    ...present.map(({ code, region: place, title, when }): Compared => {
      return { code, region: place, title, before: when, after: changed.get(code) ?? when };
    }),
    ...[...changed].flatMap(([code, after]): Compared[] =>
      present.some((one) => one.code === code)
        ? []
        : [{ code, region, title: { zh: "拟增规则", en: "Rule to be added" }, before: never, after }],
    ),
  ];
  const unknown = (body.conditions ?? []).flatMap((code, index) => (all.some((one) => one.code === code) ? [] : [index]));
  if (unknown.length > 0) return noSuchRule("/conditions", unknown);
  if (body.conditions) return all.filter(({ code }) => body.conditions?.includes(code));
  const keys = new Set(body.parameters.map(({ key }) => key));
  const concerned = all.filter(
    ({ code, before, after }) =>
      changed.has(code) || [...parametersOf(before), ...parametersOf(after)].some((key) => keys.has(key)),
  );
  return concerned.length > 0 ? concerned : all.filter(({ code }) => rules.some((rule) => rule.code === code));
}

/** Answers a tried value where one would hold, the one in force elsewhere; of two for a place the nearer division's. */
function withChanges(read: ParameterReader, changes: readonly ParameterTried[]): ParameterReader {
  return <const Key extends ParameterKey>(key: Key, region: string) => {
    const inForce = read(key, region);
    const [change] = changes
      .filter((one) => one.key === key && region.startsWith(rangeOf(one.region ?? wholeRegion).lo))
      .sort((a, b) => rangeOf(b.region ?? wholeRegion).lo.length - rangeOf(a.region ?? wholeRegion).lo.length);
    if (!change) return inForce;
    // Safe: it was checked to be a value of the key's unit, or null.
    const value = change.value as typeof inForce.value;
    return { ...inForce, value, document: "试算 simulation" };
  };
}
