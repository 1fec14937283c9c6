import { checkCreditCode, checkIdentityNumber, parseDate, parseMonth, parseYuan, type RowReason } from "@shouwang/service-kit";
import { type BusinessDate, lastDayOf, parseBusinessDate } from "@shouwang/service-kit/calendar";
import { z } from "zod";
import type { Channel } from "../work-record/decide.ts";
import { readWorkplace } from "../workplace/read.ts";
import type { ListKind } from "./layout.ts";
import { becauseWords, channelWords, industryWords, meaning } from "./words.ts";

const Employer = { employer: z.string().nullable(), creditCode: z.string().nullable() };
/** What a row says of one person at work, or of an insurance; who it is stands apart, as an index of the number. */
export const ListRow = z.discriminatedUnion("says", [
  z.object({
    ...{ says: z.literal("work"), name: z.string() },
    ...Employer,
    ...{ country: z.string(), place: z.string().nullable(), channel: z.string().nullable(), industry: z.string().nullable() },
    ...{ trade: z.string().nullable(), monthlyWageFen: z.int().nullable(), pointToPoint: z.boolean() },
    ...{ from: z.string(), until: z.string().nullable(), because: z.string().nullable() },
  }),
  z.object({ says: z.literal("insured"), name: z.string(), ...Employer, from: z.string(), until: z.string() }),
]);
export type ListRow = z.infer<typeof ListRow>;
export type WorkRow = Extract<ListRow, { says: "work" }>;
export type InsuredRow = Extract<ListRow, { says: "insured" }>;

export type ReadRow = { personKey: string; row: ListRow } | { reasons: RowReason[] } | { nothing: true };
type Cells = Readonly<Record<string, string>>;

const titled = (zh: string, en: string, { rule, ...says }: { rule: string; zh: string; en: string }): RowReason => ({
  rule,
  zh: `${zh}:${says.zh}`,
  en: `${en}: ${says.en}`,
});

/**
 * Reads a row of a list about people at work (E-01), or says everything that is wrong with it. What merely describes (industry, trade) is never a reason against a
 * row; who it is, since when, where, and for whom the wage is are. A row that says of somebody that they do not work says nothing to record.
 */
export function readListRow(kind: ListKind, cells: Cells, today: BusinessDate): ReadRow {
  const reasons: RowReason[] = [];
  const text = (key: string): string => (cells[key] ?? "").slice(0, 120);
  if (["否", "无", "0"].includes(text("hasWork"))) return { nothing: true };
  const identity = checkIdentityNumber(text("identityNumber"), today);
  if (!identity.ok) reasons.push(titled("证件号码", "Identity number", identity));
  const employer = { employer: text("employer") || null, creditCode: creditCodeOf(text("creditCode"), reasons) };
  const read = kind === "social-insurance" ? insuredOf(text, today, reasons) : workOf(kind, text, today, reasons);
  if (kind !== "national-work" && employer.employer === null && employer.creditCode === null)
    reasons.push({ rule: "employer-empty", zh: "单位名称:为空", en: "Employer: empty" });
  if (!identity.ok || reasons.length > 0) return { reasons };
  return { personKey: identity.personKey, row: { ...read, ...employer, name: text("name") } };
}

function creditCodeOf(text: string, reasons: RowReason[]): string | null {
  if (text === "") return null;
  const code = checkCreditCode(text);
  if (code.ok) return code.value;
  reasons.push(titled("统一社会信用代码", "Credit code", code));
  return null;
}

type Text = (key: string) => string;

function insuredOf(text: Text, today: BusinessDate, reasons: RowReason[]) {
  const month = parseMonth(text("month"));
  if (!month.ok) reasons.push(titled("参保月份", "Month insured", month));
  const from = month.ok ? `${month.value}-01` : today;
  if (from > today) reasons.push({ rule: "not-in-future", zh: "参保月份:晚于本月", en: "Month insured: in the future" });
  return { says: "insured" as const, from, until: month.ok ? lastDayOf(month.value) : from };
}

function workOf(kind: ListKind, text: Text, today: BusinessDate, reasons: RowReason[]) {
  const where = readWorkplace(["province", "city", "county", "place"].map(text));
  if ("reason" in where) reasons.push(where.reason);
  const from = dayOf(text("from"), "first");
  if ("rule" in from) reasons.push(titled("开始时间", "First day", from));
  const until = text("until") === "" ? null : dayOf(text("until"), "last");
  if (until !== null && "rule" in until) reasons.push(titled("结束时间", "Last day", until));
  // A month that is not over is named by its last day, which is still to come: the last day known is today's.
  const lastDay = until !== null && "day" in until ? (until.month && until.day > today ? today : until.day) : null;
  const firstDay = "day" in from ? from.day : today;
  if (firstDay > today) reasons.push({ rule: "not-in-future", zh: "开始时间:晚于今天", en: "First day: in the future" });
  if (lastDay !== null && lastDay > today)
    reasons.push({ rule: "not-in-future", zh: "结束时间:晚于今天", en: "Last day: in the future" });
  if (lastDay !== null && lastDay < firstDay)
    reasons.push({ rule: "date-order", zh: "结束时间早于开始时间", en: "It ends before it begins" });
  const wage = text("wage") === "" ? null : parseYuan(text("wage"));
  if (wage !== null && !wage.ok) reasons.push(titled("月工资", "Wage", wage));
  const channel = channelOf(kind, text("channel"), reasons);
  const industry = meaning(industryWords, text("industry")) ?? null;
  // What no section is called stands with the trade, so that nothing of the list is lost.
  const trade = [text("trade"), industry === null ? text("industry") : ""].filter(Boolean).join(" ");
  return {
    says: "work" as const,
    ...("workplace" in where ? where.workplace : { country: "CN", place: null }),
    ...{ channel, industry, trade: trade || null, monthlyWageFen: wage?.ok ? wage.value : null },
    pointToPoint: ["是", "1"].includes(text("pointToPoint")),
    ...{ from: firstDay, until: lastDay, because: lastDay === null ? null : (meaning(becauseWords, text("because")) ?? "other") },
  };
}

/** A day as lists write it, or a month, of which it is the first or the last. */
function dayOf(text: string, end: "first" | "last"): { day: BusinessDate; month: boolean } | RowReason {
  const day = parseDate(text);
  // Six digits are a month (`202203`), five a spreadsheet's own number.
  if (day.ok) return { day: day.value, month: false };
  const month = parseMonth(text);
  if (month.ok) return { day: end === "first" ? parseBusinessDate(`${month.value}-01`) : lastDayOf(month.value), month: true };
  return text === ""
    ? day
    : { rule: day.rule, zh: "请写成2022-03-05或202203", en: "Write it as 2022-03-05, or a month as 202203" };
}

/** An employer's roll says by itself how people came to the work only where it says so; a word nobody knows is asked about, since kinds of work are counted apart. */
function channelOf(kind: ListKind, text: string, reasons: RowReason[]): Channel | null {
  if (text === "" && kind === "employer-roll") return null;
  const channel = text === "" ? "own-search" : meaning(channelWords, text);
  if (channel !== undefined) return channel;
  const known = Object.values(channelWords).map(([first]) => first);
  reasons.push({
    ...{ rule: "code-unknown", zh: `就业渠道:应为${known.join("、")}` },
    en: `How the work was found: one of ${Object.keys(channelWords).join(", ")}`,
  });
  return null;
}
