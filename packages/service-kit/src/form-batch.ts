import { createHash } from "node:crypto";
import { Refusal } from "@shouwang/contract";
import { z } from "zod";
import type { AuditEntry } from "./audit.ts";
import { addDays, type BusinessDate, businessDate } from "./calendar.ts";
import type { Tx } from "./database.ts";
import { putFile } from "./file.ts";
import { type CodedForm, factsHash, type NewForm, recordForms } from "./form.ts";
import { newFormCode } from "./form-code.ts";
import { drawPapers, type MarkedPaper, type Paper } from "./form-paper.ts";
import type { JobKind } from "./job.ts";
import { dropParts, keepPart, keptRows } from "./list-export-store.ts";
import type { Keys } from "./personal-data.ts";
import type { Principal } from "./principal.ts";

/** A form that is to be printed with others, as it says now. */
export type DraftedForm = { form: NewForm; paper: Paper };

type Asked<Db> = { tx: Tx<Db>; keys: Keys; input: unknown; actor: Principal; now: Date; today: BusinessDate };

/** Forms printed together, as a department declares them. They are masked: what is printed by the hundred is nobody's reveal. */
type FormBatch<Db> = {
  kind: string;
  /** Forms that go into one file; what is more goes into a second one. */
  fileForms?: number;
  /** What the forms are about, in the order in which they are to lie; asked once, when the work begins. */
  list(given: Asked<Db>): Promise<readonly string[]>;
  /** The form about one of them, or why there is none. */
  draft(id: string, given: Asked<Db>): Promise<DraftedForm | Refusal>;
  /** What the file is called, without its number and ending, and what its audit entries say. */
  file(input: unknown): { name: string; title: string; about: Omit<AuditEntry, "action" | "entityId" | "entity"> };
};

const Checkpoint = z.object({
  waiting: z.array(z.string()),
  part: z.int(),
  /** Forms kept since the last file. */
  kept: z.int(),
  files: z.array(z.string()),
  printed: z.int(),
  notPrinted: z.array(z.object({ id: z.string(), code: z.string() })),
});
type Checkpoint = z.output<typeof Checkpoint>;

const Facts = z.tuple([z.string(), z.string()]);
const Part = z.discriminatedUnion("part", [
  z.object({ part: z.literal("facts"), rows: z.array(Facts) }),
  z.object({
    part: z.literal("table"),
    columns: z.array(z.object({ title: z.string(), share: z.number() })),
    rows: z.array(z.array(z.string())),
  }),
  z.object({ part: z.literal("text"), text: z.string() }),
  z.object({ part: z.literal("cells"), labels: z.array(z.string()) }),
]);
const Kept = z.object({
  form: z.object({
    kind: z.string(),
    layout: z.int(),
    entity: z.string(),
    entityId: z.string(),
    householdId: z.string().optional(),
    region: z.string(),
    facts: z.string(),
    clear: z.literal(false),
    purpose: z.string(),
    code: z.string(),
  }),
  paper: z.object({
    title: z.string(),
    place: z.string(),
    parts: z.array(Part),
    signers: z.array(z.string()),
    foot: z.string(),
    watermark: z.string().exactOptional(),
  }),
});

/** Forms drafted in one chunk, and how long one may take: what they are about is held meanwhile. */
const chunk = { forms: 100, ms: 1_000 };
/** Forms in one file, where a department says nothing else: a village's are one. A form takes some 15 ms to draw, and 4 kB. */
const formsInFile = 500;
/** Days the files can be fetched, by whoever asked for them. */
const keptDays = 7;

/**
 * The job that prints forms together: drafts them chunk by chunk, sealed on their way, and then draws so many at a time into one file. Its result names the
 * files, and what was not printed, with the reason's code. Killed, it goes on after the last chunk; a form is recorded as printed with the file it stands in.
 */
export function formBatchJob<Db>(batch: FormBatch<Db>): JobKind<Db> {
  const fileForms = batch.fileForms ?? formsInFile;
  return {
    kind: batch.kind,
    run: async ({ tx, keys, jobId, region, input, checkpoint, actor, now }) => {
      const today = businessDate(now);
      const asked = { tx, keys, input, actor, now, today };
      if (checkpoint === undefined) {
        const waiting = await batch.list(asked);
        const next: Checkpoint = { waiting: [...waiting], part: 0, kept: 0, files: [], printed: 0, notPrinted: [] };
        return { next, totals: { asked: waiting.length, printed: 0, notPrinted: 0, files: 0 } };
      }
      const before = Checkpoint.parse(checkpoint);
      if (before.kept < fileForms && before.waiting.length > 0) return await draftSome(before);
      return await writeFile(before);

      async function draftSome(at: Checkpoint) {
        const startedAt = performance.now();
        const most = Math.min(chunk.forms, fileForms - at.kept);
        const drafted: { form: CodedForm; paper: Paper }[] = [];
        const notPrinted: Checkpoint["notPrinted"] = [];
        let done = 0;
        for (const id of at.waiting.slice(0, most)) {
          if (done > 0 && performance.now() - startedAt > chunk.ms) break;
          const draft = await batch.draft(id, asked);
          if (draft instanceof Refusal) notPrinted.push({ id, code: draft.code });
          else
            drafted.push({
              form: { ...draft.form, clear: false, facts: factsHash(keys, draft.form.facts), code: newFormCode() },
              paper: draft.paper,
            });
          done += 1;
        }
        if (drafted.length > 0) await keepPart(tx, keys, { jobId, n: at.part, region }, drafted);
        const next: Checkpoint = {
          ...at,
          waiting: at.waiting.slice(done),
          part: at.part + 1,
          kept: at.kept + drafted.length,
          notPrinted: [...at.notPrinted, ...notPrinted],
        };
        return { next, totals: { notPrinted: notPrinted.length } };
      }

      async function writeFile(at: Checkpoint) {
        const { name, title, about } = batch.file(input);
        const result = (files: readonly string[]) => ({
          files,
          printed: at.printed + at.kept,
          notPrinted: at.notPrinted,
        });
        if (at.kept === 0) return { totals: {}, result: result(at.files) };
        const forms: CodedForm[] = [];
        const content = await drawPapers(title, kept(forms));
        await dropParts(tx, jobId);
        const fileId = await putFile(tx, keys, actor, {
          region,
          name: `${name}-${at.files.length + 1}.pdf`,
          mediaType: "application/pdf",
          content,
          purpose: batch.kind,
          expiresOn: addDays(today, keptDays),
        });
        const paper = { file: fileId, sha256: createHash("sha256").update(content).digest("hex") };
        const printed = await recordForms(tx, forms, paper, { actor, now });
        const audit = printed.map(({ id: formId, kind, entity, entityId, region: place }) => ({
          ...about,
          ...{
            action: "print-form",
            entity,
            entityId,
            region: place,
            changed: { kind, formId, jobId, paperSha256: paper.sha256 },
          },
        }));
        const files = [...at.files, fileId];
        const totals = { printed: printed.length, files: 1 };
        if (at.waiting.length === 0) return { totals, audit, result: result(files) };
        return { totals, audit, next: { ...at, kept: 0, files, printed: at.printed + at.kept } };
      }

      async function* kept(forms: CodedForm[]): AsyncGenerator<MarkedPaper> {
        for await (const { form, paper } of keptRows(tx, keys, jobId, Kept)) {
          forms.push(form);
          yield { paper, mark: { code: form.code, layout: form.layout } };
        }
      }
    },
  };
}
