import type { MeasureCategory, Reason } from "@shouwang/contract";
import type { RiskLead } from "../risk-lead/decide.ts";

export type Measure = {
  id: string;
  householdId: string;
  /** Who of the household it reached, where another department says so. */
  personId: string | null;
  region: string;
  leadId: string | null;
  caseId: string | null;
  planItemId: string | null;
  category: MeasureCategory;
  /** One that earns: industry, job, finance or post. */
  development: boolean;
  epidemic: boolean;
  implementedAt: Date;
  amountFen: number | null;
  sourceDepartment: string;
  sourceId: string | null;
  /** What it is at the department that gave it ("transport-subsidy"); null for one recorded here. */
  sourceKind: string | null;
  /** Taken back by that department on this day: it is shown and counts for nothing. */
  takenBackOn: string | null;
  fileId: string | null;
  recordedBy: string;
  recordedAt: Date;
};

/** Whether a kind of help is a development measure. */
export const isDevelopment = (category: MeasureCategory): boolean =>
  ["industry", "job", "finance", "public-welfare-post"].includes(category);

export type FirstMeasure =
  | { counts: false; reason: Reason }
  | {
      counts: true;
      /** The lead as it stands afterwards. */
      lead: RiskLead;
      onTime: boolean;
      /** From discovery to the measure. */
      minutes: number;
      reason: Reason;
    };

/**
 * M-03: what a measure means for a lead that is owed emergency help. The first one delivered at or after discovery answers it, in time up to the last instant of
 * the limit; late help is help and is kept as late. One that turns out to have come earlier than the known first takes its place.
 */
export function firstMeasure(lead: RiskLead, measure: { implementedAt: Date }): FirstMeasure {
  const because = { clause: "M-03", parameter: "emergency.days" };
  const facts = [
    { name: { zh: "发现时间", en: "Found at" }, value: lead.foundAt.toISOString() },
    { name: { zh: "应急期限", en: "Due at" }, value: lead.emergencyDueAt?.toISOString() ?? null },
    { name: { zh: "措施落实时间", en: "Delivered at" }, value: measure.implementedAt.toISOString() },
  ];
  const no = (code: string, zh: string, en: string): FirstMeasure => ({
    counts: false,
    reason: { ...because, code, zh, en, facts },
  });
  if (lead.emergency === "none" || lead.emergencyDueAt === null || lead.status === "rejected" || lead.status === "merged")
    return no("no-emergency-owed", "该线索未启动应急计时", "No emergency help is owed for this lead");
  if (measure.implementedAt < lead.foundAt)
    return no(
      "before-discovery",
      "措施早于发现时间,不计为应急帮扶",
      "Delivered before the lead was found; it does not answer it",
    );
  if (lead.emergency === "helped" && lead.firstMeasureAt !== null && lead.firstMeasureAt <= measure.implementedAt)
    return no("not-the-first", "此前已有应急措施", "Not the first: an earlier measure answers the lead");
  const onTime = measure.implementedAt <= lead.emergencyDueAt;
  const minutes = minutesBetween(lead.foundAt, measure.implementedAt);
  const late = minutesBetween(lead.emergencyDueAt, measure.implementedAt);
  return {
    counts: true,
    lead: { ...lead, emergency: "helped", firstMeasureAt: measure.implementedAt, version: lead.version + 1 },
    onTime,
    minutes,
    reason: {
      ...because,
      code: onTime ? "first-measure-on-time" : "first-measure-late",
      zh: onTime ? `发现后${spell(minutes).zh}落实,按期` : `发现后${spell(minutes).zh}落实,逾期${spell(late).zh}`,
      en: onTime
        ? `Delivered ${spell(minutes).en} after discovery, in time`
        : `Delivered ${spell(minutes).en} after discovery, ${spell(late).en} late`,
      facts,
    },
  };
}

/** Whole minutes from one instant to a later one; a started minute counts, so that late is never "0 minutes late". */
const minutesBetween = (from: Date, to: Date): number => Math.ceil((to.getTime() - from.getTime()) / 60_000);

const spell = (minutes: number) => {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return { zh: `${hours}小时${rest}分钟`, en: `${hours} h ${rest} min` };
};

/** Kinds of file taken as evidence of a measure, with the ending they are stored under: pictures and scans. */
export const evidenceTypes: ReadonlyMap<string, string> = new Map([
  ["image/jpeg", "jpg"],
  ["image/png", "png"],
  ["image/webp", "webp"],
  ["image/heic", "heic"],
  ["application/pdf", "pdf"],
]);
