import { type Refusal, RegionCode, refuse } from "@shouwang/contract";
import { findDivision, toRegionCode } from "@shouwang/regions";
import { type BusinessDate, mayReach, type Principal, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { rulesInForce } from "./rule-store.ts";
import type { Rule } from "./rules.ts";
import type { Place } from "./store.ts";

/** What a screening or a simulation is asked of. */
export const AreaEntry = z.object({
  region: z
    .string()
    .regex(/^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$/)
    .optional()
    .describe("Division code or prefix; the caller's own division when absent"),
});
export const RuleCodes = z
  .array(z.string().max(60))
  .min(1)
  .max(200)
  .optional()
  .describe("Codes of the rules to apply; all in force when absent");

/** The 12-digit code of the division that is asked about, which the caller reaches. */
export function areaOf(actor: Principal, region: string | undefined): RegionCode | Refusal<"unknown-division" | "outside-area"> {
  const code = (region ?? actor.region).padEnd(12, "0");
  if (!findDivision(code)) return refuse("unknown-division");
  // A caller with a list of counties asks for his area as a whole; his rows are bounded all the same.
  if (region !== undefined && !mayReach(actor, code)) return refuse("outside-area");
  return RegionCode.parse(toRegionCode(code));
}

/** The rules in force in an area, or the named ones of them; a name that is none is refused. */
export async function chosenRules(
  tx: Tx<DB>,
  region: string,
  day: BusinessDate,
  codes: readonly string[] | undefined,
): Promise<Rule[] | Refusal<"invalid-input">> {
  const rules = await rulesInForce(tx, region, day);
  const unknown = (codes ?? []).flatMap((code, index) => (rules.some((rule) => rule.code === code) ? [] : [index]));
  if (unknown.length > 0) return noSuchRule("/rules", unknown);
  return rules.filter((rule) => codes?.includes(rule.code) ?? true);
}

export const noSuchRule = (pointer: string, indexes: readonly number[]) =>
  refuse("invalid-input", {
    errors: indexes.map((index) => ({
      pointer: `${pointer}/${index}`,
      rule: "unknown-rule",
      zh: "没有这条筛查规则",
      en: "There is no such screening rule",
      clause: "M-01",
    })),
  });

/** How many, and where the page before ended, of a list that is asked for with a body. */
export const PageEntry = z.object({
  limit: z.int().min(1).max(200).default(50).describe("At most this many"),
  cursor: z.string().max(200).optional().describe("`next` of the page before"),
});

/** A cursor is the place and id of the last household; what is not ours starts over. */
export const cursorOf = ({ region, householdId }: Place): string => Buffer.from(`${region} ${householdId}`).toString("base64url");
export function afterOf(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined;
  const [region = "", householdId = ""] = Buffer.from(cursor, "base64url").toString("utf8").split(" ");
  return /^\d{12}$/.test(region) && z.uuid().safeParse(householdId).success ? { region, householdId } : undefined;
}
