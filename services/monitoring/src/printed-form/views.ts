import type { Form } from "@shouwang/service-kit";
import { printedCode } from "@shouwang/service-kit";
import { z } from "zod";
import { type FormKind, formKindNames, formKinds } from "./kinds.ts";

export const FormView = z.object({
  formId: z.string(),
  code: z.string().describe("As it stands beneath the QR, to be typed where the QR cannot be read"),
  kind: z.enum(formKindNames),
  title: z.object({ zh: z.string(), en: z.string() }),
  about: z.object({ entity: z.string(), entityId: z.string() }),
  householdId: z.string().nullable(),
  region: z.string(),
  clear: z.boolean().describe("Printed with names and numbers in clear"),
  purpose: z.string(),
  paperSha256: z.string().describe("SHA-256 of the PDF as it was printed"),
  printedAt: z.string(),
  state: z.enum(["printed", "signed"]),
  signedOn: z.string().nullable(),
  readBy: z.enum(["qr", "hand"]).nullable().describe("How its code was read when it came back"),
  version: z.int(),
});

export function formView(form: Form): z.input<typeof FormView> {
  // Safe: this slice alone prints forms here, of its own kinds.
  const kind = form.kind as FormKind;
  const { id, code, entity, entityId, householdId, region, clear, purpose, paperSha256, state, signedOn, readBy, version } = form;
  return {
    formId: id,
    code: printedCode(code),
    kind,
    title: formKinds[kind].title,
    about: { entity, entityId },
    householdId,
    region,
    clear,
    purpose,
    paperSha256,
    printedAt: form.printedAt.toISOString(),
    state,
    signedOn,
    readBy,
    version,
  };
}
