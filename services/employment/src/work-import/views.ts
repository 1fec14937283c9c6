import {
  type findJob,
  ListProgressView,
  listProgressView,
  type ReceivedList,
  ReceivedListView,
  receivedListView,
} from "@shouwang/service-kit";
import { z } from "zod";

export const ImportView = ReceivedListView.extend({
  importId: z.string(),
  dryRun: z.boolean().describe("A trial: every row is looked at and nothing is recorded"),
});
export const importView = (list: ReceivedList): z.input<typeof ImportView> => ({
  ...receivedListView(list),
  ...{ importId: list.id, dryRun: list.dryRun },
});

const count = z.int().default(0);
export const ImportProgress = ImportView.extend(ListProgressView.shape).extend({
  totals: z.object({
    rows: count.describe("Rows in the file"),
    started: count.describe("Work that nobody had recorded"),
    changed: count.describe("Records of the same work that say more now"),
    ended: count.describe("Records of work that is over"),
    unchanged: count.describe("Rows that say what is recorded already"),
    nothing: count.describe("Rows that say of somebody that they do not work"),
    agrees: count.describe("Insurances that agree with a record"),
    differs: count.describe("Insurances that no record agrees with"),
    suspects: count.describe("Suspects raised for the villages to look at"),
    refused: count.describe("Rows that were not taken"),
  }),
});
export const importProgress = (
  list: ReceivedList,
  job: NonNullable<Awaited<ReturnType<typeof findJob>>>,
): z.input<typeof ImportProgress> => ({ ...importView(list), ...listProgressView("employment", job), totals: job.totals });
