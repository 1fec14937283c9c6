import {
  type findJob,
  ListProgressView,
  listProgressView,
  type ReceivedList,
  ReceivedListView,
  receivedListView,
} from "@shouwang/service-kit";
import { z } from "zod";

export const ImportView = ReceivedListView.omit({ kind: true }).extend({
  importId: z.string(),
  dryRun: z.boolean().describe("A trial: every row is checked and nothing is registered"),
});
export const importView = (list: ReceivedList): z.input<typeof ImportView> => {
  const { kind: _, ...view } = receivedListView(list);
  return { ...view, importId: list.id, dryRun: list.dryRun };
};

const count = z.int().default(0);
export const ImportProgress = ImportView.extend(ListProgressView.shape).extend({
  totals: z.object({
    rows: count.describe("Rows in the file"),
    households: count.describe("Households in the file"),
    registered: count.describe("Households registered"),
    persons: count.describe("People registered with them"),
    unchanged: count.describe("Rows of households that were registered already"),
    refused: count.describe("Rows that were not taken"),
    refusedHouseholds: count.describe("Households that were not taken"),
  }),
});

export const importProgress = (
  list: ReceivedList,
  job: NonNullable<Awaited<ReturnType<typeof findJob>>>,
): z.input<typeof ImportProgress> => ({ ...importView(list), ...listProgressView("monitoring", job), totals: job.totals });
