import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { DateText, type Department, Instant, Month } from "../vocabulary.ts";
import { county as exampleCounty, village as exampleVillage, ids } from "./examples.ts";
import { code, idOf, region } from "./fields.ts";

/**
 * Events that every department publishes about the platform's own things, each under its own name.
 * The readers are the gateway and integrators; no department's rule rests on them. They serve every clause alike, so they name none.
 */
const forEveryone = { readers: ["gateway", "integrators"] } as const;
const uuid = (description: string) => z.uuidv7().describe(description);

const Overdue = z.object({
  deadlineId: idOf("DeadlineId", "Deadline"),
  kind: code("What is late, e.g. first-measure"),
  clause: z
    .string()
    .regex(/^[A-Z]-\d{2}[a-c]?$/)
    .describe("Clause that sets the deadline"),
  about: code("Entity it is about"),
  aboutId: uuid("Id of that entity; for a set (grid and month) of the set"),
  region,
  dueAt: Instant.describe("Moment it was due"),
  open: z.int().positive().describe("How many things are late: 1, or the size of the set"),
});

/** One late thing, or one grid and month of late things. */
export const deadlineOverdue = <const D extends Department>(by: D) =>
  defineEvent(`${by}.deadline.overdue`, 1, Overdue, {
    ...forEveryone,
    kind: "fact",
    title: { zh: "已超期", en: "Deadline overdue" },
    clauses: [],
    example: {
      deadlineId: ids.deadline,
      kind: "first-measure",
      clause: "M-03",
      about: "risk-lead",
      aboutId: ids.lead,
      region: exampleVillage,
      dueAt: "2022-08-04T23:59:59+08:00",
      open: 1,
    },
  });

const AuditHead = z.object({
  auditId: idOf("AuditId", "This publication"),
  sealed: z.int().nonnegative().describe("Entries sealed so far"),
  head: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe("SHA-256 of the newest sealed entry, in hex"),
  sealedAt: Instant.describe("Moment of the newest seal"),
});

/** Who keeps these can prove later that no audit entry was changed. */
export const auditHeadPublished = <const D extends Department>(by: D) =>
  defineEvent(`${by}.audit.head-published`, 1, AuditHead, {
    ...forEveryone,
    kind: "fact",
    title: { zh: "审计链头已公布", en: "Head of the audit chain published" },
    clauses: [],
    example: { auditId: ids.audit, sealed: 120_345, head: "0a1b2c3d".repeat(8), sealedAt: "2022-08-01T10:00:00+08:00" },
  });

const ImportFinished = z.object({
  importId: idOf("ImportId", "Import"),
  layout: code("Layout of the file"),
  region,
  rows: z.int().nonnegative().describe("Rows in the file"),
  taken: z.int().nonnegative().describe("Rows taken"),
  refused: z.int().nonnegative().describe("Rows with an error"),
  unchanged: z.int().nonnegative().describe("Rows that were there already"),
});

export const importFinished = <const D extends Department>(by: D) =>
  defineEvent(`${by}.import.finished`, 1, ImportFinished, {
    ...forEveryone,
    kind: "fact",
    title: { zh: "导入已完成", en: "Import finished" },
    clauses: [],
    example: {
      importId: ids.import,
      layout: "household-members",
      region: exampleCounty,
      rows: 5000,
      taken: 4950,
      refused: 30,
      unchanged: 20,
    },
  });

export const ParameterState = z.object({
  parameterId: idOf("ParameterId", "One setting of one division from one day on"),
  key: z
    .string()
    .regex(/^[a-z][a-zA-Z]{0,30}([.-][a-zA-Z0-9]{1,30}){0,5}$/)
    .describe("Key of the parameter, or `target.<indicator>` for a target issued to a division"),
  region: region.describe("Division it is set for"),
  from: DateText.describe("First day in force"),
  until: DateText.nullable().describe("Last day in force, or null"),
  value: z
    .int()
    .nullable()
    .describe(
      "Amount in fen, days, hundredths of a percent or count, as the key says; null for a choice or list, and once withdrawn",
    ),
  choice: code("Choice").nullable().describe("Choice, or null for a value"),
});

/** An amount, threshold or choice was set, with its document; open claims are looked at again, paid ones keep what they were decided by. */
export const parameterChanged = <const D extends Department>(by: D) =>
  defineEvent(`${by}.parameter.changed`, 1, ParameterState, {
    ...forEveryone,
    kind: "state",
    title: { zh: "参数已变更", en: "Parameter changed" },
    clauses: [],
    example: {
      parameterId: ids.parameter,
      key: "transport-subsidy.rate",
      region: exampleCounty,
      from: "2022-01-01",
      until: null,
      value: 90_000,
      choice: null,
    },
  });

const IndicatorFrozen = z.object({
  snapshotId: idOf("IndicatorSnapshotId", "Snapshot of one indicator"),
  indicator: z
    .string()
    .regex(/^[A-Z]-\d{2}[a-c]?(-[a-z]{1,20}){0,3}$/)
    .describe("Code of the indicator"),
  region,
  month: Month,
  numerator: z.int().describe("Numerator, or the figure itself"),
  denominator: z.int().nullable().describe("Denominator, or null for a plain figure"),
  asOf: Instant.describe("Moment the figure is of"),
  revision: z.int().positive().describe("1, then one more for each correction with a reason"),
});

/** A month's figure at the lock; a later correction is an event of its own with a higher revision. */
export const indicatorFrozen = <const D extends Department>(by: D) =>
  defineEvent(`${by}.indicator.frozen`, 1, IndicatorFrozen, {
    ...forEveryone,
    kind: "fact",
    title: { zh: "指标已锁定", en: "Indicator frozen for the month" },
    clauses: [],
    example: {
      snapshotId: ids.snapshot,
      indicator: "M-02",
      region: exampleCounty,
      month: "2022-08",
      numerator: 41_870,
      denominator: 42_112,
      asOf: "2022-09-04T00:00:00+08:00",
      revision: 1,
    },
  });

export const PostingState = z.object({
  postingId: idOf("PostingId", "Posting"),
  kind: z
    .enum([
      "monitored-household",
      "subsidy",
      "post-holder",
      "project",
      "urgent-project",
      "fund-allocation",
      "distribution",
      "award",
    ])
    .describe("Decides its length"),
  about: code("Entity it is about"),
  aboutId: uuid("Id of that entity"),
  region,
  levels: z
    .array(z.enum(["village", "township", "county"]))
    .min(1)
    .max(3)
    .describe("Levels that post it"),
  from: DateText.describe("First day; the days are counted from the next"),
  until: DateText.describe("Last full day"),
  status: z.enum(["open", "ended", "cleared", "objected", "withdrawn"]).describe("Where it stands"),
  openObjections: z.int().nonnegative().describe("Objections without an answer"),
});
export type PostingState = z.infer<typeof PostingState>;
const postingExample: z.input<typeof PostingState> = {
  postingId: ids.posting,
  kind: "monitored-household",
  about: "monitored-case",
  aboutId: ids.case,
  region: exampleVillage,
  levels: ["village"],
  from: "2022-08-03",
  until: "2022-08-08",
  status: "open",
  openObjections: 0,
};

export const postingOpened = <const D extends Department>(by: D, clauses: readonly string[]) =>
  defineEvent(`${by}.posting.opened`, 1, PostingState, {
    ...forEveryone,
    kind: "state",
    title: { zh: "公示已开始", en: "Posting opened" },
    clauses,
    example: postingExample,
  });
export const postingClosed = <const D extends Department>(by: D, clauses: readonly string[]) =>
  defineEvent(`${by}.posting.closed`, 1, PostingState, {
    ...forEveryone,
    kind: "state",
    title: { zh: "公示已结束", en: "Posting closed" },
    clauses,
    example: { ...postingExample, status: "cleared" },
  });
