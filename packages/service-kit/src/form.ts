import { createHash } from "node:crypto";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { addDays, businessDate } from "./calendar.ts";
import type { Executor } from "./database.ts";
import { putFile } from "./file.ts";
import { newFormCode } from "./form-code.ts";
import { drawPaper, type Paper } from "./form-paper.ts";
import type { Scan } from "./form-scan.ts";
import { auditHmac, type Keys } from "./personal-data.ts";
import { actorOf, type Principal } from "./principal.ts";

/** Days the paper as it was printed is kept, to be printed again; its hash is kept for good. */
const paperDays = 30;

/** A form to be printed: its kind and version of layout in the department's words, and what it is about. */
export type NewForm = {
  kind: string;
  layout: number;
  entity: string;
  entityId: string;
  householdId?: string | undefined;
  region: string;
  /** What is printed, as versions and values: only a keyed hash of it is kept. */
  facts: unknown;
  clear: boolean;
  purpose: string;
};

/** A form with the code its paper carries, and the keyed hash of what it says. */
export type CodedForm = NewForm & { code: string; facts: string };

export type Form = {
  id: string;
  code: string;
  kind: string;
  layout: number;
  entity: string;
  entityId: string;
  householdId: string | null;
  region: string;
  facts: string;
  clear: boolean;
  purpose: string;
  paperFile: string;
  paperSha256: string;
  printedBy: string;
  printedAt: Date;
  state: "printed" | "signed";
  signedOn: string | null;
  scanFile: string | null;
  readBy: "qr" | "hand" | null;
  version: number;
};

/** The keyed hash by which paper is compared with what it would say today. */
export const factsHash = (keys: Keys, facts: unknown): string => auditHmac(keys, JSON.stringify(facts));

/** What the paper of one form is kept as; of forms printed together it is kept as theirs together, for whoever asked for them. */
export const formPaper = "form-paper";

/** Prints a form: draws it, keeps the paper sealed for some days, and records who printed what for which purpose. */
export async function printForm(
  tx: Executor,
  keys: Keys,
  form: NewForm,
  paper: Paper,
  given: { actor: Principal; now: Date },
): Promise<Form> {
  const code = newFormCode();
  const content = await drawPaper(paper, { code, layout: form.layout });
  const paperFile = await putFile(tx, keys, given.actor, {
    region: form.region,
    ...(form.householdId === undefined ? {} : { householdId: form.householdId }),
    name: `${form.kind}-${code}.pdf`,
    mediaType: "application/pdf",
    content,
    purpose: formPaper,
    expiresOn: addDays(businessDate(given.now), paperDays),
  });
  const of = { ...form, code, facts: factsHash(keys, form.facts) };
  const [printed] = await recordForms(
    tx,
    [of],
    { file: paperFile, sha256: createHash("sha256").update(content).digest("hex") },
    given,
  );
  if (!printed) throw new Error("one form was recorded");
  return printed;
}

/** Records in one statement that forms were printed, all of them on one paper. */
export async function recordForms(
  tx: Executor,
  forms: readonly CodedForm[],
  paper: { file: string; sha256: string },
  given: { actor: Principal; now: Date },
): Promise<Form[]> {
  const printed = forms.map(
    (form): Form => ({
      ...form,
      id: uuidv7(),
      householdId: form.householdId ?? null,
      paperFile: paper.file,
      paperSha256: paper.sha256,
      printedBy: actorOf(given.actor),
      printedAt: given.now,
      state: "printed",
      signedOn: null,
      scanFile: null,
      readBy: null,
      version: 1,
    }),
  );
  await sql`insert into kit.form (id, code, kind, layout, entity, entity_id, household_id, region, facts, clear, purpose, paper_file, paper_sha256, printed_by, printed_at)
    select id, code, kind, layout, entity, "entityId", "householdId", region, facts, clear, purpose, ${paper.file}, ${paper.sha256}, ${actorOf(given.actor)}, ${given.now}
    from jsonb_to_recordset(${JSON.stringify(printed)}::jsonb) as form (id uuid, code text, kind text, layout smallint, entity text, "entityId" text,
      "householdId" uuid, region text, facts text, clear boolean, purpose text)`.execute(tx);
  return printed;
}

const select = sql`select id, code, kind, layout, entity, entity_id as "entityId", household_id as "householdId", region, facts, clear, purpose,
  paper_file as "paperFile", paper_sha256 as "paperSha256", printed_by as "printedBy", printed_at as "printedAt", state, signed_on as "signedOn",
  scan_file as "scanFile", read_by as "readBy", version from kit.form`;

/** A form of the caller's area by its code, locked until the transaction ends. */
export async function lockFormByCode(tx: Executor, code: string): Promise<Form | undefined> {
  return (await sql<Form>`${select} where code = ${code} for update`.execute(tx)).rows[0];
}

export async function findForm(tx: Executor, id: string): Promise<Form | undefined> {
  return (await sql<Form>`${select} where id = ${id}`.execute(tx)).rows[0];
}

/** The forms of a household in the order in which they were printed. */
export async function formsOf(tx: Executor, householdId: string): Promise<Form[]> {
  return (await sql<Form>`${select} where household_id = ${householdId} order by printed_at, id`.execute(tx)).rows;
}

/** Files the scan of a signed form, sealed. The caller has decided that it may be filed (`decideReturn`) and holds the lock. */
export async function fileSignedForm(
  tx: Executor,
  keys: Keys,
  form: Form,
  scan: Scan,
  given: { actor: Principal; now: Date; signedOn: string; readBy: "qr" | "hand" },
): Promise<Form & { scanFile: string; signedOn: string }> {
  const scanFile = await putFile(tx, keys, given.actor, {
    region: form.region,
    ...(form.householdId === null ? {} : { householdId: form.householdId }),
    // Stored under a name of our own: what people call their pictures may name others.
    name: `${form.kind}-${form.code}-signed.${scan.ending}`,
    mediaType: scan.mediaType,
    content: scan.content,
    purpose: "signed-form",
  });
  const { signedOn, readBy } = given;
  await sql`update kit.form set state = 'signed', signed_on = ${signedOn}, scan_file = ${scanFile}, read_by = ${readBy}, returned_by = ${actorOf(given.actor)},
    returned_at = ${given.now}, version = version + 1 where id = ${form.id}`.execute(tx);
  return { ...form, state: "signed", signedOn, scanFile, readBy, version: form.version + 1 };
}
