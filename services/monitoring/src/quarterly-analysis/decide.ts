import { type Refusal, refuse } from "@shouwang/contract";
import { addDays, type BusinessDate, firstDayOf, lastDayOf, monthOf } from "@shouwang/service-kit/calendar";
import { dayIn } from "../monthly-help/decide.ts";

/** The quarters of a year that have ended. */
export const endedIn = (year: number, today: BusinessDate): Quarter[] =>
  [1, 2, 3, 4].flatMap((n) => parseQuarter(`${year}-Q${n}`) ?? []).filter((quarter) => quarter.until < today);

export const trends = ["better", "steady", "worse"] as const;
export type Trend = (typeof trends)[number];

export type Quarter = { quarter: string; from: BusinessDate; until: BusinessDate };

/** A quarter `YYYY-Qn` with its first and last day; undefined for any other text. */
export function parseQuarter(text: string): Quarter | undefined {
  const [, year, n] = /^(20\d{2})-Q([1-4])$/.exec(text) ?? [];
  if (year === undefined || n === undefined) return undefined;
  const month = (of: number) => `${year}-${String(of).padStart(2, "0")}`;
  return { quarter: text, from: firstDayOf(month(Number(n) * 3 - 2)), until: lastDayOf(month(Number(n) * 3)) };
}

function quarterOf(day: BusinessDate): Quarter {
  const found = parseQuarter(`${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`);
  if (!found) throw new Error("every date lies in a quarter");
  return found;
}

/** The last two quarters that have ended, the older first, with the day until when their analysis is owed. */
export function endedQuarters(today: BusinessDate, dueDay: number): (Quarter & { due: BusinessDate })[] {
  const last = quarterOf(addDays(quarterOf(today).from, -1));
  const before = quarterOf(addDays(last.from, -1));
  return [before, last].map((quarter) => ({ ...quarter, due: dayIn(monthOf(addDays(quarter.until, 1)), dueDay) }));
}

export type ReportStatus = "draft" | "approved";
export type Report = {
  id: string;
  region: string;
  quarter: string;
  status: ReportStatus;
  author: string;
  approvedBy: string | null;
  approvedOn: string | null;
  revision: number;
  version: number;
};

const approvedAlready = ({ approvedOn }: Report) =>
  refuse("report-state", {
    detail: {
      zh: `报告已于${approvedOn}审定,修改须由县级重开`,
      en: `It was approved on ${approvedOn}; the county can open it again`,
    },
  });

/** The author may write until somebody else has approved; approval freezes the figures with the findings. */
export function rewrite(report: Report, author: string): Report | Refusal<"report-state"> {
  if (report.status === "approved") return approvedAlready(report);
  return { ...report, author, version: report.version + 1 };
}

export function approve(
  report: Report,
  given: { by: string; on: string },
): Report | Refusal<"report-state" | "same-person-twice"> {
  if (report.status === "approved") return approvedAlready(report);
  if (report.author === given.by) return refuse("same-person-twice");
  return { ...report, status: "approved", approvedBy: given.by, approvedOn: given.on, version: report.version + 1 };
}

/** An approved report is opened again with a reason; what it said stays as a revision of its own. */
export function reopen(report: Report, by: string): Report | Refusal<"report-state"> {
  if (report.status !== "approved")
    return refuse("report-state", {
      detail: { zh: "报告尚未审定,可直接修改", en: "It was not approved yet: write it as it should be" },
    });
  return {
    ...report,
    status: "draft",
    author: by,
    approvedBy: null,
    approvedOn: null,
    revision: report.revision + 1,
    version: report.version + 1,
  };
}
