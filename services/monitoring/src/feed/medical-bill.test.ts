import { makeIdentityNumber } from "@shouwang/service-kit";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { describe, expect, test } from "vitest";
import { checkMedicalBill, type MedicalBillCells } from "./medical-bill.ts";

const number = makeIdentityNumber("451228", parseBusinessDate("1975-03-05"), 7);
const good: MedicalBillCells = {
  name: "韦大明",
  identityNumber: number,
  settledOn: "2022-08-10",
  billNumber: "YB20220801001",
  total: "20000",
  selfPaid: "12,345.60",
};
const given = { dataDate: "2022-08-10", today: parseBusinessDate("2022-08-15") };

test("a good row becomes a bill in fen", () => {
  expect(checkMedicalBill(good, given)).toEqual({
    bill: {
      personKey: number,
      billNumber: "YB20220801001",
      settledOn: "2022-08-10",
      totalFen: 2_000_000,
      selfPaidFen: 1_234_560,
    },
  });
});

describe("one wrong cell refuses the row and says which rule", () => {
  test.each<[keyof MedicalBillCells & string, string, string]>([
    ["name", "", "name-empty"],
    ["identityNumber", "", "identity-empty"],
    ["identityNumber", "4.51228E+17", "identity-scientific-notation"],
    ["identityNumber", number.slice(0, 17) + (number.endsWith("X") ? "0" : "X"), "identity-check-digit"],
    ["settledOn", "10/08/2022", "date-form"],
    ["settledOn", "2022-02-30", "date-not-real"],
    ["settledOn", "2022-08-11", "settled-after-data-date"],
    ["billNumber", "", "bill-number-empty"],
    ["billNumber", "2.02208E+17", "bill-number-scientific-notation"],
    ["billNumber", "9".repeat(81), "bill-number-length"],
    ["total", "", "amount-empty"],
    ["total", "-1", "amount-negative"],
    ["selfPaid", "1万元", "amount-form"],
    ["selfPaid", "0.005", "amount-decimals"],
    ["selfPaid", "20000.01", "self-paid-above-total"],
  ])("%s %j: %s", (column, text, rule) => {
    const checked = checkMedicalBill({ ...good, [column]: text }, given);
    expect("reasons" in checked && checked.reasons.map((reason) => reason.rule)).toEqual([rule]);
  });
});

test.each([
  ["self-paid exactly the total", { selfPaid: "20000" }],
  ["nothing self-paid", { selfPaid: "0" }],
  ["settled a year before", { settledOn: "20210810" }],
])("%s is taken", (_, cells) => {
  expect(checkMedicalBill({ ...good, ...cells }, given)).toHaveProperty("bill");
});

test("every reason is said at once, and none repeats what stood in the row", () => {
  const checked = checkMedicalBill(
    { ...good, name: "", identityNumber: `${number.slice(0, 17)}?`, total: "12a", selfPaid: "-9" },
    given,
  );
  expect("reasons" in checked && checked.reasons.map(({ rule }) => rule)).toEqual([
    "name-empty",
    "identity-characters",
    "amount-form",
    "amount-negative",
  ]);
  expect(JSON.stringify(checked)).not.toContain(number.slice(0, 17));
});
