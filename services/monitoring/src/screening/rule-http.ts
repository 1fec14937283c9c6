import { Bilingual, DateText, Refusal, RegionCode, Risk, refuse } from "@shouwang/contract";
import { findDivision, levelOf, toRegionCode } from "@shouwang/regions";
import { actorOf, everyone, mayReach, takeKey } from "@shouwang/service-kit";
import { z } from "zod";
import { command, query } from "../kit.ts";
import { ExpressionEntry } from "./rule-schema.ts";
import { endRule, insertRule, ownerOfRule, rulesInForce } from "./rule-store.ts";
import { readSettings, settingsOf } from "./run.ts";
import { RuleView, ruleView } from "./views.ts";

export const listScreeningRules = query(
  {
    operation: "list-screening-rules",
    path: "/screening-rules",
    summary: { zh: "筛查规则及现行标准", en: "The screening rules with their parameters in force" },
    clauses: ["M-01"],
    allow: everyone,
    query: z.object({ region: RegionCode.optional().describe("Whose rules; the caller's own division when absent") }),
    reply: z.object({ items: z.array(RuleView) }),
    problems: ["unknown-division"],
  },
  async ({ tx, query: { region }, actor, today }) => {
    if (region !== undefined && !findDivision(region)) return refuse("unknown-division");
    const place = region ?? toRegionCode(actor.region);
    const rules = await rulesInForce(tx, place, today);
    const settings = settingsOf(rules, await readSettings(tx, rules, today), place);
    return { reply: { items: rules.map((rule) => ruleView(rule, settings)) } };
  },
);

const Code = z
  .string()
  .regex(/^[a-z]{2,20}(-[a-z0-9]{1,20}){0,4}$/)
  .describe("Stable code, lower-case words joined by hyphens");

const wrong = (pointer: string, rule: string, zh: string, en: string) =>
  refuse("invalid-input", { errors: [{ pointer, rule, zh, en, clause: "M-01" }] });

export const setScreeningRule = command(
  {
    method: "post",
    operation: "set-screening-rule",
    path: "/screening-rules",
    summary: { zh: "制定或修订筛查规则", en: "Set a screening rule that holds from a day on, or revise one" },
    clauses: ["M-01"],
    allow: ["region-officer", "city-officer", "county-officer"],
    body: z.object({
      code: Code,
      region: RegionCode.optional().describe("Division it holds for; the caller's own when absent"),
      clause: z.enum(["M-01", "M-03"]).default("M-01"),
      cause: Risk,
      severity: z.enum(["general", "severe"]),
      title: z.strictObject({ zh: z.string().trim().min(2).max(60), en: z.string().trim().min(2).max(120) }),
      when: z.record(z.string(), z.unknown()).describe("The condition, as `GET /screening-rules` shows it"),
      validFrom: DateText,
      document: z.string().trim().min(2).max(120).describe("Number of the document it comes from"),
    }),
    reply: z.object({ code: z.string(), region: z.string(), validFrom: z.string(), title: Bilingual }),
    status: 201,
    problems: ["invalid-input", "unknown-division", "outside-area", "screening-rule-of-another"],
  },
  async ({ tx, body, actor, now, today }) => {
    const region = body.region ?? RegionCode.parse(toRegionCode(actor.region));
    if (!findDivision(region)) return refuse("unknown-division");
    if (!mayReach(actor, region)) return refuse("outside-area");
    if (["township", "village"].includes(levelOf(toRegionCode(region))))
      return wrong("/region", "county-level", "规则由县级以上制定", "A rule holds for a county or more");
    if (body.validFrom < today)
      return wrong("/validFrom", "not-in-past", "生效日期不能早于今天", "A rule cannot begin in the past");
    const when = ExpressionEntry.safeParse(body.when);
    if (!when.success)
      return wrong(
        "/when",
        "condition",
        "条件不正确:请核对事实、参数及其单位",
        "Not a condition over known facts and parameters",
      );
    const taken = await takeCode(tx, body.code, region);
    if (taken instanceof Refusal) return taken;
    await insertRule(tx, { ...body, region, when: when.data }, actorOf(actor), now);
    const { code, validFrom, title } = body;
    const audit = { action: "set-screening-rule", entity: "screening-rule", entityId: code, region, clause: body.clause };
    return { reply: { code, region, validFrom, title }, audit: [{ ...audit, changed: { when: body.when, validFrom } }] };
  },
);

/** A code belongs to the division that used it first, so that no office changes or ends what another decided. */
async function takeCode(
  tx: Parameters<typeof ownerOfRule>[0],
  code: string,
  region: string,
): Promise<undefined | Refusal<"screening-rule-of-another">> {
  const owner = await ownerOfRule(tx, code);
  if (owner === region) return undefined;
  if (owner !== undefined || !(await takeKey(tx, "screening-rule", [code], region))) return refuse("screening-rule-of-another");
  return undefined;
}

export const endScreeningRule = command(
  {
    method: "post",
    operation: "end-screening-rule",
    path: "/screening-rules/{code}/end",
    summary: { zh: "停用筛查规则", en: "End a screening rule with a day" },
    clauses: ["M-01"],
    allow: ["region-officer", "city-officer", "county-officer"],
    params: z.object({ code: z.string().max(60) }),
    body: z.object({
      lastDay: DateText,
      document: z.string().trim().min(2).max(120).describe("Number of the document that ends it"),
    }),
    reply: z.object({ code: z.string(), lastDay: z.string() }),
    problems: ["not-found", "invalid-input", "screening-rule-of-another"],
  },
  async ({ tx, params: { code }, body, actor, today }) => {
    const owner = await ownerOfRule(tx, code);
    if (owner === undefined) return refuse("not-found");
    if (!mayReach(actor, owner)) return refuse("screening-rule-of-another");
    if (body.lastDay < today) return wrong("/lastDay", "not-in-past", "停用日期不能早于今天", "A rule cannot end in the past");
    if (!(await endRule(tx, code, body.lastDay))) return refuse("not-found");
    const audit = { action: "end-screening-rule", entity: "screening-rule", entityId: code, region: owner, clause: "M-01" };
    return { reply: { code, lastDay: body.lastDay }, audit: [{ ...audit, changed: body }] };
  },
);
