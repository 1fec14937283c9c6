import type { FieldError } from "@shouwang/contract";
import { type BusinessDate, daysBetween } from "@shouwang/service-kit/calendar";

export type PeriodStatus = "open" | "posted" | "paid" | "verified";
const inOrder: readonly PeriodStatus[] = ["open", "posted", "paid", "verified"];

/** E-15: a project's roll stands where the period stands that is furthest behind; one without periods is open. */
export const rollStatus = (periods: readonly PeriodStatus[]): PeriodStatus =>
  inOrder.find((status) => periods.includes(status)) ?? "open";

/** What a person has earned in a period, in fen: whole days at a day's rate, exactly. */
export const amountOf = (days: number, rateFen: number): number => days * rateFen;

const wrong = (pointer: string, rule: string, zh: string, en: string): FieldError => ({ pointer, rule, zh, en, clause: "E-15" });

/** E-15: what is wrong with days and signature of a line, in its period. Nobody works more days than there are, nor signs before the first or for days to come. */
export function checkLine(
  line: { days: number; rateFen: number; signedOn: string | null },
  period: { from: BusinessDate; until: BusinessDate },
  today: BusinessDate,
): FieldError[] {
  const days = daysBetween(period.from, period.until) + 1;
  return [
    ...(line.days < 1 || line.days > days
      ? [wrong("/days", "days-in-period", `出工天数须为1至${days}天`, `Days are 1 to ${days} in this period`)]
      : []),
    ...(line.rateFen < 1 ? [wrong("/rateFen", "rate-above-zero", "日工资须大于0", "A day's rate is above zero")] : []),
    ...(line.signedOn !== null && (line.signedOn < period.from || line.signedOn > today)
      ? [wrong("/signedOn", "date-order", "签字日期须在务工开始与今天之间", "It is signed between the first day and today")]
      : []),
  ];
}

/** Whether two periods share a day: the same day's work would be paid twice. */
export const periodsOverlap = (one: { from: string; until: string }, other: { from: string; until: string }): boolean =>
  one.from <= other.until && other.from <= one.until;

export type Payment = { paidFen: number; because: string | null };
/** E-15: a payment of a line: all of it, or less with the reason why the rest did not arrive. Only what reached the person's account counts. */
export function checkPayment(
  line: { amountFen: number; account: boolean },
  { paidFen, because }: Payment,
): FieldError | undefined {
  if (paidFen > line.amountFen)
    return wrong("/paidFen", "at-most-earned", "发放金额不能超过应发金额", "No more is paid than was earned");
  if (paidFen > 0 && !line.account)
    return wrong(
      "/paidFen",
      "to-an-account",
      "劳务报酬须发到本人账户,请先登记账户",
      "Pay goes to the person's account: enter it first",
    );
  if (paidFen < line.amountFen && because === null)
    return wrong("/because", "reason-for-unpaid", "未足额发放须说明原因", "Say why not all of it was paid");
  return undefined;
}
