import { Bilingual } from "@shouwang/contract";
import { basePathOf, type findJob } from "@shouwang/service-kit";
import { z } from "zod";
import type { HouseholdImport } from "./store.ts";

export const ImportView = z.object({
  importId: z.string(),
  region: z.string(),
  document: z.string().describe("Number of the covering document"),
  dataDate: z.string().describe("Day the data are of"),
  dryRun: z.boolean().describe("A trial: every row is checked and nothing is registered"),
  uploadedAt: z.string(),
  jobId: z.string(),
});
export const importView = ({ id, fileId: _, at, ...list }: HouseholdImport): z.input<typeof ImportView> => ({
  ...list,
  importId: id,
  uploadedAt: at.toISOString(),
});

const count = z.int().default(0);
const Result = z.object({ errorsFile: z.uuid().optional(), fileRefused: Bilingual.extend({ rule: z.string() }).optional() });
export const ImportProgress = ImportView.extend({
  state: z.enum(["queued", "running", "done", "failed"]),
  totals: z.object({
    rows: count.describe("Rows in the file"),
    households: count.describe("Households in the file"),
    registered: count.describe("Households registered"),
    persons: count.describe("People registered with them"),
    unchanged: count.describe("Rows of households that were registered already"),
    refused: count.describe("Rows that were not taken"),
    refusedHouseholds: count.describe("Households that were not taken"),
  }),
  fileRefused: Result.shape.fileRefused.unwrap().nullable().describe("Why nothing of the file was taken, or null"),
  finishedAt: z.string().nullable(),
  links: z.object({ errorsFile: z.string().nullable().describe("The refused rows with their reasons, to mend and send again") }),
});

export const importProgress = (
  list: HouseholdImport,
  job: NonNullable<Awaited<ReturnType<typeof findJob>>>,
): z.input<typeof ImportProgress> => {
  const { errorsFile, fileRefused } = Result.parse(job.result ?? {});
  return {
    ...importView(list),
    state: job.state,
    totals: job.totals,
    fileRefused: fileRefused ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
    links: { errorsFile: errorsFile === undefined ? null : `${basePathOf("monitoring")}/files/${errorsFile}` },
  };
};
