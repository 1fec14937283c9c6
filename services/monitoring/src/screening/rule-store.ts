import type { Risk, Severity } from "@shouwang/contract";
import type { ClauseId } from "@shouwang/plan";
import { rangeOf } from "@shouwang/regions";
import type { Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB, MonitoringScreeningRule } from "../db.ts";
import { ExpressionEntry } from "./rule-schema.ts";
import type { Rule } from "./rules.ts";

const fromRow = (row: Selectable<MonitoringScreeningRule>): Rule => ({
  code: row.code,
  region: row.applies_to,
  // Safe, here and below: the one writer of these columns takes them from the contract's and the plan's own lists.
  clause: row.clause as ClauseId,
  cause: row.cause as Risk,
  severity: row.severity as Severity,
  title: { zh: row.title_zh, en: row.title_en },
  when: ExpressionEntry.parse(row.condition),
  validFrom: row.valid_from,
  validTo: row.valid_to,
  document: row.document,
});

/** The rules in force on a day anywhere in a division: those of the division, of what lies above it and of what lies below. */
export async function rulesInForce(tx: Tx<DB>, region: string, day: string): Promise<Rule[]> {
  const { rows } = await sql<Selectable<MonitoringScreeningRule>>`select * from (
      select distinct on (code, applies_to) * from monitoring.screening_rule where valid_from <= ${day} and replaced_at is null
      order by code, applies_to, valid_from desc) newest
    where valid_to is null or valid_to >= ${day} order by position, code, applies_to`.execute(tx);
  return rows.map(fromRow).filter((rule) => overlaps(rule.region, region));
}

const overlaps = (one: string, other: string): boolean => {
  const [a, b] = [rangeOf(one).lo, rangeOf(other).lo];
  return a.startsWith(b) || b.startsWith(a);
};

/** The division whose rule a code is; undefined while nobody has it. */
export async function ownerOfRule(tx: Tx<DB>, code: string): Promise<string | undefined> {
  const row = await tx.selectFrom("monitoring.screening_rule").select("applies_to").where("code", "=", code).executeTakeFirst();
  return row?.applies_to;
}

/** Writes a rule that holds from a day on; the one of the same code that began before ends the day before by its successor's start. */
export async function insertRule(tx: Tx<DB>, rule: Omit<Rule, "validTo">, author: string, at: Date): Promise<void> {
  await tx
    .updateTable("monitoring.screening_rule")
    .set({ replaced_at: at })
    .where("code", "=", rule.code)
    .where("valid_from", ">=", rule.validFrom)
    .where("replaced_at", "is", null)
    .execute();
  await tx
    .insertInto("monitoring.screening_rule")
    .values({
      id: uuidv7(),
      code: rule.code,
      applies_to: rule.region,
      position: 1_000,
      clause: rule.clause,
      cause: rule.cause,
      severity: rule.severity,
      title_zh: rule.title.zh,
      title_en: rule.title.en,
      condition: JSON.stringify(rule.when),
      valid_from: rule.validFrom,
      document: rule.document,
      author,
      loaded_at: at,
    })
    .execute();
}

/** Ends the rule of a code with a day. @returns false when none is in force by then */
export async function endRule(tx: Tx<DB>, code: string, lastDay: string): Promise<boolean> {
  const result = await tx
    .updateTable("monitoring.screening_rule")
    .set({ valid_to: lastDay })
    .where("code", "=", code)
    .where("replaced_at", "is", null)
    .where("valid_from", "<=", lastDay)
    .where((eb) => eb.or([eb("valid_to", "is", null), eb("valid_to", ">", lastDay)]))
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
