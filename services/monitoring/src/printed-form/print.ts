import { Refusal, refuse } from "@shouwang/contract";
import { actorOf, findFile, findForm, formPaper, type Keys, type Principal, printForm, type Tx } from "@shouwang/service-kit";
import type { BusinessDate } from "@shouwang/service-kit/calendar";
import { z } from "zod";
import type { DB } from "../db.ts";
import { command, query } from "../kit.ts";
import { placeOf } from "./draft.ts";
import { draftOf } from "./draft-of.ts";
import { alwaysMasked, formKindNames, formKinds } from "./kinds.ts";
import { FormView, formView } from "./views.ts";

/** Offices that print forms, send them back and read what was signed. */
export const formOffices = ["county-officer", "township-officer", "village-officer"] as const;

const PrintEntry = z.object({
  kind: z.enum(formKindNames),
  aboutId: z.uuid().describe("The case, the visit, or for the yearly update the household"),
  year: z.int().min(2000).max(2100).optional().describe("Of the yearly update"),
  purpose: z.string().trim().min(4).max(120).describe("What it is printed for"),
});
type PrintEntry = z.output<typeof PrintEntry>;

const printProblems = [
  "household-not-found",
  "case-not-found",
  "visit-not-found",
  "case-state",
  "not-watched",
  "annual-update-closed",
  "income-missing",
  "invalid-input",
] as const;

/** A form of a household as things stand, ready to be drawn: who has it printed, when and for which purpose stand on it. */
export async function drafted(
  tx: Tx<DB>,
  keys: Keys,
  body: PrintEntry,
  given: { clear: boolean; actor: Principal; now: Date; today: BusinessDate },
) {
  const { kind, purpose, aboutId, year } = body;
  const { clear, actor, now, today } = given;
  const draft = await draftOf(tx, keys, kind, { aboutId, year, clear, today });
  if (draft instanceof Refusal) return draft;
  const { title, layout } = formKinds[kind];
  const { entity, entityId, householdId, region, facts } = draft;
  const at = new Date(now.getTime() + 8 * 3_600_000).toISOString().slice(0, 16).replace("T", " ");
  // A notice hangs where everybody reads it: who printed it stands in the record only.
  const marks = alwaysMasked.includes(kind)
    ? { foot: `${at} 打印` }
    : { foot: `${at} 打印 · ${actor.subject} · 用途:${purpose}`, watermark: `${actor.subject} ${at}` };
  return {
    form: { kind, layout, entity, entityId, householdId, region, facts, clear, purpose },
    paper: { ...draft.paper, title: title.zh, place: placeOf(region), ...marks },
  };
}

/** Draws the form as things stand and records that it was printed: who, when, for which purpose, and the hash of the paper. */
async function print(
  tx: Tx<DB>,
  keys: Keys,
  body: PrintEntry,
  given: { clear: boolean; actor: Principal; now: Date; today: BusinessDate },
) {
  const draft = await drafted(tx, keys, body, given);
  if (draft instanceof Refusal) return draft;
  const form = await printForm(tx, keys, draft.form, draft.paper, given);
  const { kind, entity, entityId, region, purpose, clear } = draft.form;
  const about = { action: clear ? "print-form-in-clear" : "print-form", entity, entityId, region, clause: "M-04b", purpose };
  return { reply: formView(form), audit: [{ ...about, changed: { kind, formId: form.id, paperSha256: form.paperSha256 } }] };
}

export const printFormRoute = command(
  {
    method: "post",
    operation: "print-form",
    path: "/forms",
    summary: { zh: "打印签字用表(脱敏)", en: "Print a form to be signed, masked; its paper is at /forms/{formId}/paper" },
    clauses: ["M-03", "M-04b", "M-05"],
    allow: formOffices,
    body: PrintEntry,
    reply: FormView,
    status: 201,
    problems: printProblems,
  },
  async ({ tx, keys, body, actor, now, today }) => await print(tx, keys, body, { clear: false, actor, now, today }),
);

export const printFormInClear = command(
  {
    method: "post",
    operation: "print-form-in-clear",
    path: "/forms/clear",
    summary: {
      zh: "打印签字用表(姓名、证件号码原文,留痕并计入每日查看次数)",
      en: "Print a form with names and numbers in clear: counted and audited as a reveal",
    },
    clauses: ["M-03", "M-04b", "M-05"],
    allow: formOffices,
    body: PrintEntry,
    reply: FormView,
    status: 201,
    reveals: true,
    problems: printProblems,
  },
  async ({ tx, keys, body, actor, now, today }) => {
    if (alwaysMasked.includes(body.kind))
      return refuse("invalid-input", {
        errors: [
          {
            pointer: "/kind",
            rule: "always-masked",
            zh: "公示须脱敏,不得打印原文",
            en: "A notice for the public is masked",
            clause: "M-03",
          },
        ],
      });
    return await print(tx, keys, body, { clear: true, actor, now, today });
  },
);

export const FormPath = z.object({ formId: z.uuid() });

export const downloadPaper = query(
  {
    operation: "download-form-paper",
    path: "/forms/{formId}/paper",
    summary: { zh: "下载打印件(PDF,保留30天)", en: "The form as a PDF, kept for 30 days; one in clear is its printer's alone" },
    clauses: ["M-04b"],
    allow: formOffices,
    params: FormPath,
    reply: z.object({}),
    downloads: ["application/pdf"],
    problems: ["form-not-found", "form-paper-gone", "role-not-allowed"],
  },
  async ({ tx, params, actor, keys }) => {
    const form = await findForm(tx, params.formId);
    if (!form) return refuse("form-not-found");
    if (form.clear && form.printedBy !== actorOf(actor))
      return refuse("role-not-allowed", {
        detail: { zh: "原文件限打印人本人下载", en: "One in clear is for whoever printed it" },
      });
    const paper = await findFile(tx, keys, form.paperFile);
    if (!paper) return refuse("form-paper-gone");
    // A village's forms in one file are fetched by whoever asked for all of them.
    if (paper.purpose !== formPaper)
      return refuse("form-paper-gone", {
        detail: {
          zh: "该表是成批打印的,文件由打印人下载;只要这一份时请单独打印",
          en: "It was printed with others, in a file of whoever asked for them; print it alone to have it alone",
        },
      });
    const { entity, entityId, region, purpose } = form;
    const audit = {
      action: "download-form-paper",
      entity,
      entityId,
      region,
      clause: "M-04b",
      purpose,
      changed: { formId: form.id },
    };
    return { download: { name: paper.name, mediaType: paper.mediaType, content: paper.content }, audit: [audit] };
  },
);
