import { Bilingual } from "@shouwang/contract";
import { basePathOf, type findJob } from "@shouwang/service-kit";
import { z } from "zod";
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
  taken: count.describe("Bills, or persons, that are new"),
  households: count.describe("Households registered"),
  unchanged: count.describe("Bills that were there already"),
  unmatched: count.describe("Rows about nobody registered in the county"),
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
