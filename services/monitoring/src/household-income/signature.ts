import { DateText, type FieldError, PersonId, type Refusal, refuse } from "@shouwang/contract";
import { findForm, type Tx } from "@shouwang/service-kit";
import { type BusinessDate, parseBusinessDate } from "@shouwang/service-kit/calendar";
import { z } from "zod";
import type { DB } from "../db.ts";
import { ageOn } from "../household/decide.ts";
import { membersOf } from "../household/person-store.ts";
import { isFileOf } from "../measure/store.ts";

const ways = ["signature", "thumbprint", "on-screen", "by-proxy"] as const;

/** What a household signed: a printed form that came back signed, or who signed, when and how. */
export const SignatureEntry = z
  .strictObject({
    formId: z.uuid().optional().describe("A printed form of the household that was signed and scanned back"),
    signerId: PersonId.optional().describe("Member who signed, grown up"),
    signedOn: DateText.optional(),
    how: z.enum(ways).optional().describe("by-proxy: another signed for the member, whose written authority is the file"),
    fileId: z.uuid().optional().describe("Scan uploaded for this household, beside who signed"),
  })
  .refine(
    ({ formId, signerId, signedOn, how, fileId }) =>
      formId === undefined
        ? signerId !== undefined && signedOn !== undefined && how !== undefined
        : [signerId, signedOn, how, fileId].every((field) => field === undefined),
    "a signed form, or who signed, when and how",
  )
  .describe("What the household signed");
type SignatureEntry = z.infer<typeof SignatureEntry>;

/** A signature as it is kept: of a form, or as recorded; all null where a record is only attested. */
export type Signature = {
  formId: string | null;
  fileId: string | null;
  signerId: string | null;
  signedOn: string | null;
  how: (typeof ways)[number] | null;
};
export const unsigned: Signature = { formId: null, fileId: null, signerId: null, signedOn: null, how: null };
export const signedForm = (formId: string): Signature => ({ ...unsigned, formId });

export type SignatureFacts = {
  today: BusinessDate;
  /** Birth dates of the household's members. */
  members: ReadonlyMap<string, string>;
  fileIsOfHousehold: boolean;
  /** The form named is the household's, of the yearly update and signed. */
  formIsSigned: boolean;
};

/** From which age somebody signs for the household, by the Civil Code's full capacity. */
const grownUp = 18;

/** Whether a signature may stand: the form came back signed; or the signer is a grown-up member, not in the future, a proxy with the written authority. */
export function decideSignature(entry: SignatureEntry, facts: SignatureFacts): Signature | Refusal<"invalid-input"> {
  const wrong = (error: Omit<FieldError, "clause" | "pointer"> & { field: string }) =>
    refuse("invalid-input", {
      errors: [{ pointer: `/signature/${error.field}`, rule: error.rule, zh: error.zh, en: error.en, clause: "M-05" }],
    });
  if (entry.formId !== undefined) {
    if (facts.formIsSigned) return signedForm(entry.formId);
    return wrong({
      field: "formId",
      rule: "signed-form-of-the-household",
      zh: "没有该户已签字归档的此表,请先上传签字扫描件",
      en: "No such form of the household came back signed; send its scan first",
    });
  }
  const { signerId = null, signedOn = null, how = null, fileId = null } = entry;
  const born = signerId === null ? undefined : facts.members.get(signerId);
  if (born === undefined)
    return wrong({
      field: "signerId",
      rule: "member",
      zh: "签字人须为该户家庭成员",
      en: "The signer is a member of the household",
    });
  if (signedOn === null || signedOn > facts.today)
    return wrong({ field: "signedOn", rule: "not-in-future", zh: "签字日期不能晚于今天", en: "Signed in the future" });
  if (ageOn(born, parseBusinessDate(signedOn)) < grownUp)
    return wrong({ field: "signerId", rule: "grown-up", zh: "签字人须年满18周岁", en: "The signer is eighteen or older" });
  if (how === "by-proxy" && fileId === null)
    return wrong({
      field: "fileId",
      rule: "proxy-needs-authority",
      zh: "代签须上传书面委托",
      en: "A proxy needs the written authority",
    });
  if (fileId !== null && !facts.fileIsOfHousehold)
    return wrong({
      field: "fileId",
      rule: "file-of-the-household",
      zh: "没有为该户上传过此文件",
      en: "No such file was uploaded for this household",
    });
  return { formId: null, fileId, signerId, signedOn, how };
}

/** Reads what a signature rests on and decides it. */
export async function checkSignature(
  tx: Tx<DB>,
  entry: SignatureEntry,
  given: { householdId: string; today: BusinessDate },
): Promise<Signature | Refusal<"invalid-input">> {
  const form = entry.formId === undefined ? undefined : await findForm(tx, entry.formId);
  return decideSignature(entry, {
    today: given.today,
    members: new Map((await membersOf(tx, given.householdId)).map(({ id, birthDate }) => [id, birthDate])),
    fileIsOfHousehold: entry.fileId !== undefined && (await isFileOf(tx, entry.fileId, given.householdId)),
    formIsSigned: form?.state === "signed" && form.householdId === given.householdId && form.kind === "annual-update",
  });
}
