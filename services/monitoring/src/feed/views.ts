import { Bilingual } from "@shouwang/contract";
import {
  type findJob,
  ListProgressView,
  listProgressView,
  type ReceivedList,
  ReceivedListView,
  receivedListView,
} from "@shouwang/service-kit";
import { z } from "zod";
import type { FeedLayout } from "./layout.ts";
import type { DepartmentRecord } from "./record-store.ts";

export const FeedView = ReceivedListView.extend({ feedId: z.string(), department: z.string() });
export const feedView = (feed: ReceivedList): z.input<typeof FeedView> => ({
  ...receivedListView(feed),
  feedId: feed.id,
  department: feed.department,
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
const Result = z.object({ rulesWaiting: z.array(z.string()).default([]) });
export const FeedProgress = FeedView.extend(ListProgressView.shape).extend({
  totals: Totals,
  rulesWaiting: z.array(z.string()).describe("Screening rules that propose nothing, since a parameter of theirs is not loaded"),
});

export const feedProgress = (
  feed: ReceivedList,
  job: NonNullable<Awaited<ReturnType<typeof findJob>>>,
): z.input<typeof FeedProgress> => ({
  ...feedView(feed),
  ...listProgressView("monitoring", job),
  totals: job.totals,
  rulesWaiting: Result.parse(job.result ?? {}).rulesWaiting,
});

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
