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
import type { StoredDifference } from "./difference-store.ts";
import type { NationalColumn, NationalLayout } from "./layout.ts";
import { findNationalLayout } from "./layouts.ts";

export const SheetView = ReceivedListView.extend({
  sheetId: z.string(),
  dryRun: z.boolean().describe("A trial: differences are listed and nobody is asked"),
});
export const sheetView = (sheet: ReceivedList): z.input<typeof SheetView> => ({
  ...receivedListView(sheet),
  sheetId: sheet.id,
  dryRun: sheet.dryRun,
});

const count = z.int().default(0);
export const SheetProgress = SheetView.extend(ListProgressView.shape).extend({
  totals: z.object({
    rows: count.describe("Rows in the file"),
    refused: count.describe("Rows with an error"),
    unmatched: count.describe("Rows about nobody and no household registered in the area"),
    households: count.describe("Households compared"),
    same: count.describe("Of these, households that say the same on both sides"),
    differences: count,
    asked: count.describe("Differences the village is asked about now"),
    known: count.describe("Differences that are being asked about, or were decided on the same values"),
    gaps: count.describe("Differences where the registry says nothing"),
  }),
});
export const sheetProgress = (
  sheet: ReceivedList,
  job: NonNullable<Awaited<ReturnType<typeof findJob>>>,
): z.input<typeof SheetProgress> => ({ ...sheetView(sheet), ...listProgressView("monitoring", job), totals: job.totals });

export const LayoutView = z.object({
  kind: z.string(),
  title: Bilingual,
  of: z.enum(["monitored", "all"]),
  columns: z.array(
    z.object({
      key: z.string(),
      type: z.string(),
      about: z.enum(["household", "person"]),
      required: z.boolean(),
      titles: z.array(z.string()).describe("The first is written, the others are understood"),
      en: z.string(),
      words: z.record(z.string(), z.array(z.string())).optional().describe("Of a code: the words that mean it"),
      adoptable: z.boolean(),
    }),
  ),
});
export const layoutView = ({ columns, ...layout }: NationalLayout): z.input<typeof LayoutView> => ({
  ...layout,
  columns: columns.map(({ key, type, about, required, titles, en, words, adoptable }) => ({
    ...{ key, type, about, required, en },
    titles: [...titles],
    adoptable: adoptable ?? false,
    ...(words ? { words: Object.fromEntries(Object.entries(words).map(([code, spelt]) => [code, [...spelt]])) } : {}),
  })),
});

export const DifferenceView = z.object({
  differenceId: z.string(),
  householdId: z.string(),
  personId: z.string().nullable(),
  region: z.string(),
  document: z.string(),
  dataDate: z.string(),
  line: z.int().nullable().describe("In the file"),
  field: z.string(),
  title: Bilingual,
  ours: z.string().nullable().describe("What the registry says: a code; masked where it is personal"),
  theirs: z.string().nullable().describe("What the national system says, likewise"),
  oursWord: z.string().nullable(),
  theirsWord: z.string().nullable(),
  state: z.enum(["asked", "gap", "trial"]).describe("asked: of the village, as a suspect. gap: the registry says nothing of it"),
  suspect: z.object({ suspectId: z.string(), status: z.string(), outcome: z.string().nullable() }).nullable(),
  adoptable: z.boolean().describe("One command takes theirs over, where somebody decides so"),
  adoptedAt: z.string().nullable(),
});

const membership = {
  member: { zh: "国家系统未列此成员", en: "Not listed by the national system" },
  unregistered: { zh: "登记库无此成员", en: "Not registered here" },
  certificate: { zh: "残疾人证类别等级", en: "Disability certificate" },
};
const titleOf = (field: string, column: NationalColumn | undefined) => {
  if (column) return { zh: column.titles[0] ?? field, en: column.en };
  if (field === "certificate") return membership.certificate;
  return field === "member" ? membership.member : membership.unregistered;
};
const wordOf = (column: NationalColumn | undefined, value: string | null): string | null =>
  value === null
    ? null
    : value
        .split(",")
        .map((code) => column?.words?.[code]?.[0] ?? code)
        .join(",");

export const differenceView = (one: StoredDifference): z.input<typeof DifferenceView> => {
  const column = findNationalLayout(one.kind)?.columns.find(({ key }) => key === one.field);
  const { id, sheetId: _, kind: __, suspect, adoptedAt, ...rest } = one;
  return {
    ...rest,
    differenceId: id,
    title: titleOf(one.field, column),
    oursWord: wordOf(column, one.ours),
    theirsWord: wordOf(column, one.theirs),
    suspect: suspect && { suspectId: suspect.id, status: suspect.status, outcome: suspect.outcome },
    adoptable: (column?.adoptable ?? false) && adoptedAt === null && one.state !== "trial",
    adoptedAt: adoptedAt?.toISOString() ?? null,
  };
};
