import { refuse } from "@shouwang/contract";
import type { Keys, Tx } from "@shouwang/service-kit";
import { confirmYear, incomeOfYear, refusedYear } from "../annual-update/confirm.ts";
import type { DB } from "../db.ts";
import { lockHousehold } from "../household/store.ts";
import { signedForm } from "../household-income/signature.ts";
import { type Asked, type Draft, namedMembers } from "./draft.ts";

const yuan = (fen: number): string => (fen / 100).toFixed(2);

/** M-05: the members and the income of a year, for the household to sign; signed, they are confirmed. */
export async function yearDraft(tx: Tx<DB>, keys: Keys, asked: Asked) {
  const { year, today } = asked;
  if (year === undefined)
    return refuse("invalid-input", {
      errors: [{ pointer: "/year", rule: "required", zh: "请填年度", en: "Say of which year", clause: "M-05" }],
    });
  const household = await lockHousehold(tx, asked.aboutId);
  if (!household) return refuse("household-not-found");
  const refused = await refusedYear(tx, household, year);
  if (refused) return refused;
  const income = await incomeOfYear(tx, household, year, today);
  if (!income) return refuse("income-missing");
  const named = await namedMembers(tx, keys, household.id, asked.clear);
  return {
    entity: "annual-update",
    entityId: `${household.id}/${year}`,
    householdId: household.id,
    region: household.region,
    facts: { members: named.versions, headcount: household.headcount, income: [income.id, income.netFen, income.headcount] },
    paper: {
      parts: [
        {
          part: "facts",
          rows: [
            ["户编号", household.householdNo ?? ""],
            ["户主", named.head],
            ["年度", String(year)],
            ["家庭人口", String(household.headcount)],
          ],
        },
        named.table,
        {
          part: "facts",
          rows: [
            ["收入期间", `${income.from} 至 ${income.until}`],
            ["工资性收入(元)", yuan(income.wageFen)],
            ["生产经营性收入(元)", yuan(income.businessFen)],
            ["财产性收入(元)", yuan(income.propertyFen)],
            ["转移性收入(元)", yuan(income.transferFen)],
            ["生产经营性支出(元)", yuan(income.businessCostFen)],
            ["家庭纯收入(元)", yuan(income.netFen)],
            ["人均纯收入(元)", yuan(income.perCapitaFen)],
          ],
        },
        { part: "text", text: "以上家庭成员和收入情况经本户核对属实。与事实不符的,请不要签字,由村里更正后重新打印。" },
      ],
      signers: ["户主或成年家庭成员", "采集人"],
    },
    whenSigned: async ({ formId, ...given }) =>
      await confirmYear(tx, household, { ...given, year, income, signature: signedForm(formId) }),
  } satisfies Draft;
}
