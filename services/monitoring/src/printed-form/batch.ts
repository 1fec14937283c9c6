import { Month, Refusal, refuse } from "@shouwang/contract";
import { findDivision } from "@shouwang/regions";
import { firstDayOf, formBatchJob, lastDayOf, mayReach, requestJob } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { findHousehold } from "../household/store.ts";
import { command } from "../kit.ts";
import { unsignedHouseholds, unsignedVisits } from "./batch-store.ts";
import { placeOf } from "./draft.ts";
import { formKinds } from "./kinds.ts";
import { drafted, formOffices } from "./print.ts";

const Batch = z.object({
  region: z
    .string()
    .regex(/^\d{12}$/)
    .describe("The village"),
  kind: z.enum(["annual-update", "visit-record"]),
  year: z.int().min(2000).max(2100).optional().describe("Of the yearly update: whoever has not signed for it yet"),
  month: Month.optional().describe("Of the visits: those whose record is not signed yet"),
  purpose: z.string().trim().min(4).max(120).describe("What they are printed for; stands on each"),
});
const refused = (pointer: string, rule: string, zh: string, en: string) =>
  refuse("invalid-input", { errors: [{ pointer, rule, zh, en }] });

/** M-04b, M-05: the forms of a village in one file, by group and household number. */
export const villageForms = formBatchJob<DB>({
  kind: "print-village-forms",
  list: async ({ tx, input }) => {
    const { region, kind, year, month } = Batch.parse(input);
    if (kind === "annual-update" && year !== undefined) return await unsignedHouseholds(tx, region, year);
    return month === undefined ? [] : await unsignedVisits(tx, region, { from: firstDayOf(month), until: lastDayOf(month) });
  },
  draft: async (aboutId, { tx, keys, input, ...given }) => {
    const { kind, year, purpose } = Batch.parse(input);
    const draft = await drafted(tx, keys, { kind, aboutId, year, purpose }, { ...given, clear: false });
    if (draft instanceof Refusal) return draft;
    const household = await findHousehold(tx, draft.form.householdId);
    return { ...draft, paper: { ...draft.paper, place: `${draft.paper.place}${household?.hamlet ?? ""}` } };
  },
  file: (input) => {
    const { region, kind, year, month, purpose } = Batch.parse(input);
    const { title } = formKinds[kind];
    return {
      name: `${placeOf(region)}${year ?? month ?? ""}${title.zh}`,
      title: title.zh,
      about: { region, clause: "M-04b", purpose },
    };
  },
});

export const printVillageForms = command(
  {
    method: "post",
    operation: "print-village-forms",
    path: "/form-batches",
    summary: {
      zh: "成批打印一个村的签字用表(脱敏;按组、户编号排序;后台生成,7日内由本人下载)",
      en: "Print a village's forms in one PDF, masked, by group and household number; written by a job, fetched within 7 days by whoever asked",
    },
    clauses: ["M-04b", "M-05"],
    allow: formOffices,
    body: Batch,
    reply: z.object({
      jobId: z.string().describe("Its result names the files, for `GET /files/{fileId}`, and what was not printed, with why"),
    }),
    status: 202,
    problems: ["unknown-division", "outside-area", "invalid-input"],
  },
  async ({ tx, body, actor }) => {
    const { region, kind, year, month, purpose } = body;
    if (kind === "annual-update" && year === undefined) return refused("/year", "required", "请填年度", "Say of which year");
    if (kind === "visit-record" && month === undefined) return refused("/month", "required", "请填月份", "Say of which month");
    if (!findDivision(region)) return refuse("unknown-division");
    if (!mayReach(actor, region)) return refuse("outside-area");
    const jobId = await requestJob(tx, actor, { kind: villageForms.kind, region, input: body });
    const about = { action: "print-village-forms", entity: "village", entityId: region, region, clause: "M-04b", purpose };
    return { reply: { jobId }, audit: [{ ...about, changed: { kind, year, month, jobId } }] };
  },
);
