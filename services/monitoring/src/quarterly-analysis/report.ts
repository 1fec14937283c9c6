import { Refusal, RegionCode, refuse } from "@shouwang/contract";
import { findDivision, levelOf, rangeOf } from "@shouwang/regions";
import { actorOf, everyone, type Keys, mayReach, openRecord, type Principal, sealRecord } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, query } from "../kit.ts";
import { approve, parseQuarter, reopen, rewrite } from "./decide.ts";
import {
  Figures,
  figuresOf,
  findReport,
  insertReport,
  type KeptReport,
  keepRevision,
  lockReport,
  quarterSettings,
  saveReport,
} from "./store.ts";
import { QuarterText } from "./views.ts";

const ReportPath = z.object({ quarter: QuarterText, region: RegionCode });
const authors = ["township-officer", "county-officer"] as const;
const Findings = z.object({ findings: z.string() });

const ReportView = z.object({
  quarterlyReportId: z.string(),
  region: z.string(),
  quarter: QuarterText,
  status: z.enum(["draft", "approved"]),
  findings: z.string(),
  figures: Figures.describe("As they are now; frozen once approved"),
  author: z.string(),
  approvedBy: z.string().nullable(),
  approvedOn: z.string().nullable(),
  revision: z.int(),
  version: z.int(),
});

const placeOf = (id: string) => ({ table: "monitoring.quarterly_report", id });
const reportView = (keys: Keys, report: KeptReport, figures: Figures): z.input<typeof ReportView> => {
  const { id, findings, ...rest } = report;
  return { ...rest, figures, quarterlyReportId: id, findings: openRecord(keys, placeOf(id), findings, Findings).findings };
};

/** A report is a township's or a county's, and written there: the caller's own division. */
const isTheirs = (actor: Principal, region: string): boolean => {
  const division = findDivision(region);
  return division !== undefined && ["township", "county"].includes(levelOf(division.code)) && mayReach(actor, region);
};

const auditOf = (action: string, report: KeptReport) => ({
  action,
  entity: "quarterly-report",
  entityId: report.id,
  region: report.region,
  clause: "M-05",
  changed: { status: report.status, revision: report.revision, figures: report.figures },
});

export const writeReport = command(
  {
    method: "post",
    operation: "write-quarterly-report",
    path: "/quarterly-reports/{quarter}/{region}",
    summary: { zh: "撰写乡镇或县季度分析报告", en: "Write a township's or county's report of a quarter" },
    clauses: ["M-05"],
    allow: authors,
    params: ReportPath,
    body: z.object({ findings: z.string().trim().min(10).max(5_000) }),
    reply: ReportView,
    status: 201,
    problems: ["not-found", "report-state", "state-conflict"],
  },
  async ({ tx, params, body, actor, keys }) => {
    const quarter = parseQuarter(params.quarter);
    if (!quarter || !isTheirs(actor, params.region)) return refuse("not-found");
    const present = await lockReport(tx, params.region, quarter.quarter);
    const author = actorOf(actor);
    const started = {
      region: params.region,
      quarter: quarter.quarter,
      status: "draft",
      approvedBy: null,
      approvedOn: null,
    } as const;
    const draft = present ? rewrite(present, author) : { ...started, id: uuidv7(), author, revision: 1, version: 1 };
    if (draft instanceof Refusal) return draft;
    const report = { ...draft, findings: sealRecord(keys, placeOf(draft.id), { findings: body.findings }), figures: null };
    if (present) await saveReport(tx, report);
    else if (!(await insertReport(tx, report))) return refuse("state-conflict");
    const { year } = await quarterSettings(tx, params.region, quarter.until);
    const figures = await figuresOf(tx, quarter, year, rangeOf(params.region));
    return { reply: reportView(keys, report, figures), audit: [auditOf("write-quarterly-report", report)] };
  },
);

export const approveReport = command(
  {
    method: "post",
    operation: "approve-quarterly-report",
    path: "/quarterly-reports/{quarter}/{region}/approval",
    summary: { zh: "审定季度分析报告(数据冻结)", en: "Approve a report: its figures are frozen with its findings" },
    clauses: ["M-05"],
    allow: authors,
    params: ReportPath,
    reply: ReportView,
    problems: ["not-found", "report-state", "same-person-twice"],
  },
  async ({ tx, params, actor, keys, today }) => {
    const quarter = parseQuarter(params.quarter);
    const present = quarter && isTheirs(actor, params.region) ? await lockReport(tx, params.region, quarter.quarter) : undefined;
    if (!quarter || !present) return refuse("not-found");
    const approved = approve(present, { by: actorOf(actor), on: today });
    if (approved instanceof Refusal) return approved;
    const { year } = await quarterSettings(tx, params.region, quarter.until);
    const figures = await figuresOf(tx, quarter, year, rangeOf(params.region));
    const report = { ...approved, findings: present.findings, figures };
    await saveReport(tx, report);
    return { reply: reportView(keys, report, figures), audit: [auditOf("approve-quarterly-report", report)] };
  },
);

export const reopenReport = command(
  {
    method: "post",
    operation: "reopen-quarterly-report",
    path: "/quarterly-reports/{quarter}/{region}/reopening",
    summary: { zh: "重开季度分析报告(原稿留存)", en: "Open an approved report again; what it said is kept" },
    clauses: ["M-05"],
    allow: ["county-officer"],
    params: ReportPath,
    body: z.object({ reason: z.string().trim().min(2).max(500) }),
    reply: ReportView,
    problems: ["not-found", "report-state"],
  },
  async ({ tx, params, body, actor, keys, today }) => {
    const quarter = parseQuarter(params.quarter);
    const present = quarter && isTheirs(actor, params.region) ? await lockReport(tx, params.region, quarter.quarter) : undefined;
    if (!quarter || !present) return refuse("not-found");
    const opened = reopen(present, actorOf(actor));
    if (opened instanceof Refusal) return opened;
    const revision = { table: "monitoring.quarterly_report_revision", id: `${present.id}/${present.revision}` };
    const reason = sealRecord(keys, revision, { reason: body.reason });
    await keepRevision(tx, present, { reason, by: actorOf(actor), on: today });
    const report = { ...opened, findings: present.findings, figures: null };
    await saveReport(tx, report);
    const { year } = await quarterSettings(tx, params.region, quarter.until);
    const figures = await figuresOf(tx, quarter, year, rangeOf(params.region));
    return { reply: reportView(keys, report, figures), audit: [auditOf("reopen-quarterly-report", report)] };
  },
);

export const readReport = query(
  {
    operation: "read-quarterly-report",
    path: "/quarterly-reports/{quarter}/{region}",
    summary: { zh: "查看季度分析报告", en: "Read a report of a quarter" },
    clauses: ["M-05"],
    allow: everyone,
    params: ReportPath,
    reply: ReportView,
    problems: ["not-found"],
  },
  async ({ tx, params, keys }) => {
    const quarter = parseQuarter(params.quarter);
    const report = quarter && (await findReport(tx, params.region, quarter.quarter));
    if (!quarter || !report) return refuse("not-found");
    const { year } = await quarterSettings(tx, params.region, quarter.until);
    return { reply: reportView(keys, report, report.figures ?? (await figuresOf(tx, quarter, year, rangeOf(params.region)))) };
  },
);
