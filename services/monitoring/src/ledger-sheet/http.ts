import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { refuse } from "@shouwang/contract";
import { findDivision, rangeOf } from "@shouwang/regions";
import { everyone, mayReach, monthOf, requestJob, writeSheets, xlsx } from "@shouwang/service-kit";
import { z } from "zod";
import { focusSettings } from "../focus-household/condition-store.ts";
import { Area, nameOf } from "../focus-household/views.ts";
import { command, query, slice } from "../kit.ts";
import { helpSettings } from "../monthly-help/store.ts";
import { endedIn } from "../quarterly-analysis/decide.ts";
import { analysisSpecs } from "./analysis.ts";
import { ledgerClause } from "./clauses.ts";
import { writeLedgerFiles } from "./job.ts";
import { ledgerSpec } from "./sheet.ts";
import { ledgerGaps, ledgerRows, villagesWithFocus } from "./store.ts";

/** More households than this are written by a job, a file a township. */
const mostAtOnce = 2_000;
const officers = ["village-officer", "township-officer", "county-officer", "city-officer", "region-officer", "auditor"] as const;
const Asked = z.object({
  region: Area,
  purpose: z.string().trim().min(4).max(200).describe("What the copy is for; recorded with it"),
});

const auditOf = (action: string, region: string, purpose: string, changed: Record<string, unknown>) => ({
  action,
  entity: "ledger-sheet",
  entityId: region,
  region,
  clause: "M-06",
  purpose,
  changed,
});

const downloadLedger = query(
  {
    operation: "download-ledger-sheet",
    path: "/ledger-sheets",
    summary: {
      zh: "导出村级重点户台账",
      en: "The ledger sheet of a village's focus households, or of each village of a township",
    },
    clauses: ["M-06"],
    allow: officers,
    body: Asked,
    reply: z.object({}),
    problems: ["unknown-division", "outside-area", "sheet-too-large"],
  },
  async ({ tx, body: { region, purpose }, actor, keys, now, today }) => {
    const whole = region.padEnd(12, "0");
    if (!findDivision(whole)) return refuse("unknown-division");
    if (!mayReach(actor, whole)) return refuse("outside-area");
    const { year } = await focusSettings(tx, whole, today);
    const villages = await villagesWithFocus(tx, year, rangeOf(region));
    const households = villages.reduce((sum, village) => sum + village.households, 0);
    if (households > mostAtOnce) return refuse("sheet-too-large");
    const settings = { ...(await helpSettings(tx, whole, monthOf(today))), year };
    const mark = { subject: actor.subject, at: now, today };
    const specs = [];
    for (const village of villages.length > 0 ? villages.map((one) => one.region) : [whole])
      specs.push(ledgerSpec(village, year, await ledgerRows(tx, keys, { village, year, settings }), mark));
    const content = await buffer(writeSheets(specs));
    const sha256 = createHash("sha256").update(content).digest("hex");
    return {
      download: { name: `${nameOf(whole)}${year}年重点户台账.xlsx`, mediaType: xlsx, content },
      audit: [auditOf("download-ledger-sheet", whole, purpose, { households, sha256 })],
    };
  },
);

const requestLedgerFiles = command(
  {
    method: "post",
    operation: "write-ledger-files",
    path: "/ledger-sheet-files",
    summary: { zh: "批量生成台账(每乡镇一个文件)", en: "Write the ledger sheets of an area as files, one a township" },
    clauses: ["M-06"],
    allow: ["township-officer", "county-officer", "city-officer", "region-officer"],
    body: Asked,
    reply: z.object({ jobId: z.string() }),
    status: 202,
    problems: ["unknown-division", "outside-area"],
  },
  async ({ tx, body: { region, purpose }, actor }) => {
    const whole = region.padEnd(12, "0");
    if (!findDivision(whole)) return refuse("unknown-division");
    if (!mayReach(actor, whole)) return refuse("outside-area");
    const jobId = await requestJob(tx, actor, { kind: writeLedgerFiles.kind, region: whole, input: { region, purpose } });
    return { reply: { jobId }, audit: [auditOf("write-ledger-files", whole, purpose, { jobId })] };
  },
);

const downloadAnalysis = query(
  {
    operation: "download-focus-analysis",
    path: "/focus-analysis-sheets",
    summary: {
      zh: "导出重点户收入分析",
      en: "The analysis of an area's focus households: spread, conditions, causes, places, quarter on quarter",
    },
    clauses: ["M-05", "M-06"],
    allow: officers,
    body: Asked,
    reply: z.object({}),
    problems: ["unknown-division", "outside-area"],
  },
  async ({ tx, body: { region, purpose }, actor, now, today }) => {
    const whole = region.padEnd(12, "0");
    if (!findDivision(whole)) return refuse("unknown-division");
    if (!mayReach(actor, whole)) return refuse("outside-area");
    const settings = await focusSettings(tx, whole, today);
    const specs = await analysisSpecs(tx, { region, settings, mark: { subject: actor.subject, at: now, today } });
    const content = await buffer(writeSheets(specs));
    return {
      download: { name: `${nameOf(whole)}${settings.year}年重点户收入分析.xlsx`, mediaType: xlsx, content },
      audit: [auditOf("download-focus-analysis", whole, purpose, { sha256: createHash("sha256").update(content).digest("hex") })],
    };
  },
);

const listLedgerGaps = query(
  {
    operation: "list-ledger-gaps",
    path: "/ledger-gaps",
    summary: { zh: "台账不全的村", en: "Villages whose ledger sheet has gaps" },
    clauses: ["M-06"],
    allow: everyone,
    query: z.object({ region: Area.optional(), limit: z.coerce.number().int().min(1).max(1_000).default(200) }),
    reply: z.object({
      items: z.array(
        z.object({
          region: z.string(),
          name: z.string(),
          households: z.int(),
          gaps: z.int().describe("Without an income of the two years, or a line of a quarter that has ended"),
        }),
      ),
    }),
    problems: [],
  },
  async ({ tx, query: { region, limit }, actor, today }) => {
    const prefix = region ?? actor.region;
    const { year } = await focusSettings(tx, prefix.padEnd(12, "0"), today);
    const quarters = endedIn(year, today).map((ended) => ended.quarter);
    const gaps = await ledgerGaps(tx, { year, quarters, area: rangeOf(prefix) }, limit);
    return { reply: { items: gaps.map((gap) => ({ ...gap, name: nameOf(gap.region) })) } };
  },
);

/** M-06: the villages' ledger sheets of focus households, and the county's analysis of them. */
export const ledgerSheetSlice = slice({
  name: "ledger-sheet",
  title: { zh: "重点户台账", en: "Ledger sheets" },
  routes: [downloadLedger, requestLedgerFiles, downloadAnalysis, listLedgerGaps],
  jobs: [writeLedgerFiles],
  clauses: [ledgerClause],
});
