import type { Refused, SheetColumn, SheetRow } from "@shouwang/service-kit";
import { type BusinessDate, checkIdentityNumber, parseDate, parseYuan } from "@shouwang/service-kit";

/** The columns of a list of medical bills, under the titles the departments give them. Amounts are in yuan. */
export const medicalBillColumns = [
  { key: "name", titles: ["姓名", "患者姓名"], required: true },
  { key: "identityNumber", titles: ["身份证号", "证件号码", "公民身份号码"], required: true },
  { key: "settledOn", titles: ["结算日期", "出院日期"], required: true },
  { key: "billNumber", titles: ["结算单号", "票据号"], required: true },
  { key: "total", titles: ["总费用", "医疗总费用", "费用总额"], required: true },
  { key: "selfPaid", titles: ["个人自付", "个人自付金额", "合规自付"], required: true },
] as const satisfies readonly SheetColumn[];

export type MedicalBillCells = SheetRow<(typeof medicalBillColumns)[number]["key"]>["cells"];

/** A bill as the feed tells of it, its person still by number. */
export type MedicalBill = {
  personKey: string;
  billNumber: string;
  settledOn: BusinessDate;
  totalFen: number;
  selfPaidFen: number;
};

/** Why a row cannot be taken, without anything that stood in it. */
export type RowReason = { rule: string; zh: string; en: string };

const reason = (rule: string, zh: string, en: string): RowReason => ({ rule, zh, en });
const because = (column: string, columnEn: string, { rule, zh, en }: Refused): RowReason =>
  reason(rule, `${column}:${zh}`, `${columnEn}: ${en}`);

/** A bill that came before with other amounts: which of the two is right is for the sender to say. */
export const amountsDiffer = reason(
  "bill-amounts-differ",
  "该结算单已登记,金额与本次不同,请核对",
  "This bill came before with other amounts; please check",
);

/**
 * Checks one row (M-01): name, identity number, day, number and amounts of the bill; the self-paid part is at most the whole, and nothing is settled after the
 * day the data are of. Answers the bill, or every reason against it.
 * @param given.dataDate the day the data are of
 */
export function checkMedicalBill(
  cells: MedicalBillCells,
  given: { dataDate: string; today: BusinessDate },
): { bill: MedicalBill } | { reasons: RowReason[] } {
  const reasons: RowReason[] = [];
  if (cells.name === "") reasons.push(reason("name-empty", "姓名为空", "The name is empty"));
  const identity = checkIdentityNumber(cells.identityNumber, given.today);
  if (!identity.ok) reasons.push({ rule: identity.rule, zh: identity.zh, en: identity.en });
  const settledOn = parseDate(cells.settledOn);
  if (!settledOn.ok) reasons.push(because("结算日期", "Settled on", settledOn));
  else if (settledOn.value > given.dataDate)
    reasons.push(reason("settled-after-data-date", "结算日期晚于数据日期", "Settled after the day the data are of"));
  const number = billNumberReason(cells.billNumber);
  if (number) reasons.push(number);
  const total = parseYuan(cells.total);
  if (!total.ok) reasons.push(because("总费用", "Total cost", total));
  const selfPaid = parseYuan(cells.selfPaid);
  if (!selfPaid.ok) reasons.push(because("个人自付", "Self-paid", selfPaid));
  if (total.ok && selfPaid.ok && selfPaid.value > total.value)
    reasons.push(reason("self-paid-above-total", "个人自付大于总费用", "The self-paid part is more than the total cost"));
  if (!identity.ok || !settledOn.ok || !total.ok || !selfPaid.ok || reasons.length > 0) return { reasons };
  return {
    bill: {
      personKey: identity.personKey,
      billNumber: cells.billNumber,
      settledOn: settledOn.value,
      totalFen: total.value,
      selfPaidFen: selfPaid.value,
    },
  };
}

function billNumberReason(text: string): RowReason | undefined {
  if (text === "") return reason("bill-number-empty", "结算单号为空", "The bill's number is empty");
  if (text.length > 80) return reason("bill-number-length", "结算单号超过80个字符", "The bill's number is too long");
  // A spreadsheet has cut the number to 15 digits: bills that differ in the rest would be taken for one.
  if (/^\d(\.\d+)?E\+?\d+$/i.test(text))
    return reason(
      "bill-number-scientific-notation",
      "结算单号单元格为数值格式,请改为文本",
      "The cell of the bill's number is numeric: format it as text",
    );
  return undefined;
}
