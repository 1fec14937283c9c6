/** A fact a rule looked at: its value, where it came from and the date it is of. No personal data: ids, amounts, dates, codes. */
export type Fact = { name: { zh: string; en: string }; value: string | number | boolean | null; source?: string; date?: string };

/** Why a rule said what it said, in a form an officer can read and an auditor can follow. */
export type Reason = {
  /** Stable kebab-case code. */
  code: string;
  clause?: string;
  /** Key of the parameter the rule took its amount or threshold from. */
  parameter?: string;
  /** Document the parameter's value in force comes from. */
  document?: string;
  zh: string;
  en: string;
  facts?: Fact[];
};

/** What a rule decided and why; `ok: false` says every reason against, not only the first. */
export type Decision = { ok: boolean; reasons: Reason[] };

/** Joins several rules' decisions: ok when all are, with the reasons against first. */
export function allOf(...decisions: Decision[]): Decision {
  const against = decisions.filter((decision) => !decision.ok).flatMap((decision) => decision.reasons);
  const inFavour = decisions.filter((decision) => decision.ok).flatMap((decision) => decision.reasons);
  return { ok: against.length === 0, reasons: [...against, ...inFavour] };
}
