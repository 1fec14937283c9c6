import { z } from "zod";
import { Bilingual } from "./vocabulary.ts";

/** A fact a rule looked at: its value, where it came from and the date it is of. No personal data: ids, amounts, dates, codes. */
export const Fact = z.object({
  name: Bilingual,
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  source: z.string().optional(),
  date: z.string().optional(),
});
export type Fact = z.infer<typeof Fact>;

/** Why a rule said what it said, in a form an officer can read and an auditor can follow. */
export const Reason = z.object({
  code: z.string().describe("Stable kebab-case code"),
  clause: z.string().optional(),
  parameter: z.string().optional().describe("Key of the parameter the amount or threshold comes from"),
  document: z.string().optional().describe("Document the parameter's value in force comes from"),
  zh: z.string(),
  en: z.string(),
  facts: z.array(Fact).optional(),
});
export type Reason = z.infer<typeof Reason>;

/** What a rule decided and why; `ok: false` says every reason against, not only the first. */
export type Decision = { ok: boolean; reasons: Reason[] };

/** Joins several rules' decisions: ok when all are, with the reasons against first. */
export function allOf(...decisions: Decision[]): Decision {
  const against = decisions.filter((decision) => !decision.ok).flatMap((decision) => decision.reasons);
  const inFavour = decisions.filter((decision) => decision.ok).flatMap((decision) => decision.reasons);
  return { ok: against.length === 0, reasons: [...against, ...inFavour] };
}
