import { Bilingual } from "@shouwang/contract";
import { basePathOf, type findJob } from "@shouwang/service-kit";
import { z } from "zod";
import type { FeedLayout } from "./layout.ts";
import type { DepartmentRecord } from "./record-store.ts";
import type { Feed } from "./store.ts";

export const FeedView = z.object({
  feedId: z.string(),
  kind: z.string(),
  department: z.string(),
  region: z.string(),
  document: z.string().describe("Number of the covering document"),
  dataDate: z.string().describe("Day the data are of"),
  uploadedAt: z.string(),
  jobId: z.string(),
});

const count = z.int().default(0);
const Totals = z.object({
  rows: count.describe("Rows in the file"),
  taken: count.describe("Records that are new"),
  unchanged: count.describe("Records that were there already"),
  unmatched: count.describe("Rows about nobody registered in the county"),
  toConfirm: count.describe("Rows that fit a member by name, birth date and village alone: a person says"),
  mismatched: count.describe("Records that disagree with the registry"),
  refused: count.describe("Rows with an error"),
  leads: count.describe("Leads registered"),
  merged: count.describe("Findings added to an open lead"),
  known: count.describe("Findings about a household that is being identified or helped for that cause"),
  knownFalse: count.describe("Findings on facts that a visit found to be no risk"),
});
const Result = z.object({
  errorsFile: z.uuid().optional(),
  rulesWaiting: z.array(z.string()).default([]),
  fileRefused: Bilingual.extend({ rule: z.string() }).optional(),
});

export const FeedProgress = FeedView.extend({
  state: z.enum(["queued", "running", "done", "failed"]),
  totals: Totals,
  fileRefused: Result.shape.fileRefused.unwrap().nullable().describe("Why nothing of the file was taken, or null"),
  rulesWaiting: z.array(z.string()).describe("Screening rules that propose nothing, since a parameter of theirs is not loaded"),
  finishedAt: z.string().nullable(),
  links: z.object({ errorsFile: z.string().nullable().describe("The refused rows with their reasons, to mend and send again") }),
});

export const feedView = (feed: Feed): z.input<typeof FeedView> => {
  const { id, fileId: _, at, ...rest } = feed;
  return { ...rest, feedId: id, uploadedAt: at.toISOString() };
};

export const feedProgress = (feed: Feed, job: NonNullable<Awaited<ReturnType<typeof findJob>>>): z.input<typeof FeedProgress> => {
  const { errorsFile, rulesWaiting, fileRefused } = Result.parse(job.result ?? {});
  return {
    ...feedView(feed),
    state: job.state,
    totals: job.totals,
    fileRefused: fileRefused ?? null,
    rulesWaiting,
    finishedAt: job.finishedAt?.toISOString() ?? null,
    links: { errorsFile: errorsFile === undefined ? null : `${basePathOf("monitoring")}/files/${errorsFile}` },
  };
};

export const RecordView = z.object({
  recordId: z.string(),
  line: z.int().describe("In the file"),
  kind: z.string(),
  householdId: z.string(),
  personId: z.string().nullable(),
  region: z.string(),
  day: z.string(),
  code: z.string().nullable(),
  amountFen: z.int().nullable(),
  mismatch: z.string().nullable().describe("The comparison with the registry that it did not pass, or null"),
  outcome: z
    .enum(["new-lead", "joined-lead", "known", "known-false", "no-finding"])
    .nullable()
    .describe("What came of the household's screening; null while it is to come"),
});

export const recordView = (record: DepartmentRecord): z.input<typeof RecordView> => ({
  recordId: record.id,
  line: record.line,
  kind: record.kind,
  householdId: record.household_id,
  personId: record.person_id,
  region: record.region,
  day: record.day,
  code: record.code,
  amountFen: record.amount_fen,
  mismatch: record.mismatch,
  // Safe: a check constraint holds the column to these.
  outcome: record.outcome as z.input<typeof RecordView>["outcome"],
});

export const LayoutView = z.object({
  kind: z.string(),
  title: Bilingual,
  senders: z.array(z.string()).describe("Departments that may send it, besides the county's own office"),
  about: z.enum(["person", "household"]),
  checkOnly: z.boolean().describe("A flag for verification at the home, never a reason to refuse"),
  columns: z.array(
    z.object({
      key: z.string(),
      type: z.string(),
      required: z.boolean(),
      titles: z.array(z.string()).describe("The first is the column's own, the others are understood"),
      en: z.string(),
      words: z.record(z.string(), z.array(z.string())).optional().describe("Of a code: the words that mean it"),
    }),
  ),
});

export const layoutView = ({ kind, title, senders, about, checkOnly, columns }: FeedLayout): z.input<typeof LayoutView> => ({
  ...{ kind, title, about },
  senders: [...senders],
  checkOnly: checkOnly ?? false,
  columns: columns.map(({ key, type, required, titles, en, codes }) => ({
    ...{ key, type, required, en },
    titles: [...titles],
    ...(codes ? { words: Object.fromEntries(Object.entries(codes).map(([code, words]) => [code, [...words]])) } : {}),
  })),
});
