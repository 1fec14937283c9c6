import { DateText, FormReturned, HouseholdId, problems, Refusal, refuse } from "@shouwang/contract";
import {
  decideReturn,
  type FormMark,
  factsHash,
  fileSignedForm,
  findFile,
  findForm,
  type Keys,
  lockFormByCode,
  marksIn,
  type Principal,
  readFormCode,
  type Scan,
  scanOf,
  type Tx,
} from "@shouwang/service-kit";
import { type BusinessDate, parseBusinessDate } from "@shouwang/service-kit/calendar";
import { z } from "zod";
import type { DB } from "../db.ts";
import { findHousehold } from "../household/store.ts";
import { command, query } from "../kit.ts";
import type { Draft } from "./draft.ts";
import { draftOf } from "./draft-of.ts";
import { type FormKind, formKinds } from "./kinds.ts";
import { FormPath, formOffices } from "./print.ts";
import { FormView, formView } from "./views.ts";

const ReturnEntry = z.object({
  signedOn: DateText.describe("Day on which it was signed, as it stands on the paper"),
  householdId: HouseholdId.optional().describe("Household whose file it is sent into; another's form is refused"),
});
type Given = { actor: Principal; now: Date; today: BusinessDate; readBy: "qr" | "hand" };

/** Files a scan as the signed document of exactly what its form was printed about, and lets the signature take effect; all of it or nothing. */
async function fileReturn(
  tx: Tx<DB>,
  keys: Keys,
  mark: { code: string; layout: number | undefined },
  scan: Scan,
  body: z.output<typeof ReturnEntry>,
  given: Given,
) {
  const { actor, now, today, readBy } = given;
  const form = await lockFormByCode(tx, mark.code);
  if (!form) return refuse("form-not-found");
  // Safe: this slice alone prints forms here, of its own kinds.
  const kind = form.kind as FormKind;
  const { layout } = formKinds[kind];
  const [aboutId = "", year] = form.entityId.split("/");
  const draft = await draftOf(tx, keys, kind, {
    aboutId,
    year: year === undefined ? undefined : Number(year),
    clear: false,
    today,
  });
  const facts = draft instanceof Refusal ? "" : factsHash(keys, draft.facts);
  const signedOn = parseBusinessDate(body.signedOn);
  const { householdId } = body;
  const refused = decideReturn(form, { facts, layout, markedLayout: mark.layout ?? form.layout, householdId, signedOn, today });
  // What a form was printed for may no longer be open; that says more than that the form is out of date.
  if (refused?.code === "form-outdated" && draft instanceof Refusal)
    return refuse("form-outdated", { detail: draft.detail ?? { zh: problems[draft.code].zh, en: problems[draft.code].en } });
  if (refused) return refused;
  if (draft instanceof Refusal) throw new Error("facts of a form that cannot be drafted agreed with those printed");
  const signed = await fileSignedForm(tx, keys, form, scan, { actor, now, signedOn, readBy });
  const { whenSigned }: Draft = draft;
  const done = await whenSigned({ formId: form.id, fileId: signed.scanFile, signedOn, actor, now, today });
  if (done instanceof Refusal) return done;
  const { entity, entityId, region } = form;
  const filed = {
    action: "file-signed-form",
    entity,
    entityId,
    region,
    clause: "M-04b",
    changed: { kind, formId: form.id, signedOn },
  };
  const told = { formId: form.id, householdId: draft.householdId, region, form: kind, signedOn, readBy };
  const returned = FormReturned.of(form.id, signed.version, region, told);
  return { reply: formView(signed), events: [...done.events, returned], audit: [filed, ...(done.audit ?? [])] };
}

const returnProblems = [
  "household-not-found",
  "form-not-found",
  "form-of-other-household",
  "form-outdated",
  "form-used",
  "invalid-input",
  "unsupported-media-type",
  "body-too-large",
  "role-not-allowed",
] as const;

export const returnForm = command(
  {
    method: "post",
    operation: "return-form",
    path: "/form-returns",
    summary: {
      zh: "上传签字表扫描件或照片(自动识别二维码并归档)",
      en: "Send back a signed form, scanned or photographed: its QR says where it is filed",
    },
    clauses: ["M-03", "M-04b", "M-05"],
    allow: formOffices,
    body: ReturnEntry,
    upload: true,
    reply: FormView,
    problems: [...returnProblems, "form-unreadable", "form-ambiguous"],
  },
  async ({ tx, keys, body, upload, actor, now, today }) => {
    if (body.householdId !== undefined && !(await findHousehold(tx, body.householdId))) return refuse("household-not-found");
    const scan = scanOf(upload);
    if (scan instanceof Refusal) return scan;
    const marks: FormMark[] = await marksIn(scan);
    const [mark] = marks;
    if (!mark)
      return refuse("form-unreadable", {
        detail: {
          zh: "请放平纸张、对准光线重拍,二维码须完整入镜;仍无法识别的,按二维码下方的编号手工归档(/form-returns/{编号})",
          en: "Lay it flat in even light with the whole QR in the picture; failing that, file it by the code beneath the QR (/form-returns/{code})",
        },
      });
    if (marks.length > 1) return refuse("form-ambiguous");
    return await fileReturn(tx, keys, mark, scan, body, { actor, now, today, readBy: "qr" });
  },
);

export const returnFormByCode = command(
  {
    method: "post",
    operation: "return-form-by-code",
    path: "/form-returns/{code}",
    summary: {
      zh: "按编号归档签字表(二维码无法识别时)",
      en: "File a signed form by the code typed from it, where its QR cannot be read",
    },
    clauses: ["M-03", "M-04b", "M-05"],
    allow: formOffices,
    params: z.object({ code: z.string().min(1).max(40) }),
    body: ReturnEntry,
    upload: true,
    reply: FormView,
    problems: returnProblems,
  },
  async ({ tx, keys, params, body, upload, actor, now, today }) => {
    const code = readFormCode(params.code);
    if (code === undefined)
      return refuse("form-not-found", {
        detail: { zh: "编号有误,请核对二维码下方的12位编号", en: "That is no code; check the 12 characters beneath the QR" },
      });
    if (body.householdId !== undefined && !(await findHousehold(tx, body.householdId))) return refuse("household-not-found");
    const scan = scanOf(upload);
    if (scan instanceof Refusal) return scan;
    return await fileReturn(tx, keys, { code, layout: undefined }, scan, body, { actor, now, today, readBy: "hand" });
  },
);

export const downloadScan = query(
  {
    operation: "download-signed-form",
    path: "/forms/{formId}/scan",
    summary: { zh: "查看签字扫描件(须说明用途,留痕)", en: "The scan of a signed form; the purpose is recorded" },
    clauses: ["M-04b"],
    allow: formOffices,
    params: FormPath,
    body: z.object({ purpose: z.string().trim().min(4).max(120) }),
    reply: z.object({}),
    downloads: ["application/pdf", "image/jpeg", "image/png"],
    problems: ["form-not-found"],
  },
  async ({ tx, params, body, keys }) => {
    const form = await findForm(tx, params.formId);
    const scan = form?.scanFile ? await findFile(tx, keys, form.scanFile) : undefined;
    if (!form || !scan) return refuse("form-not-found");
    const { entity, entityId, region } = form;
    const about = { action: "download-signed-form", entity, entityId, region, clause: "M-04b", purpose: body.purpose };
    return { download: scan, audit: [{ ...about, changed: { formId: form.id } }] };
  },
);
