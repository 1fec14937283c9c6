/** A text in both languages, Chinese first. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}

/** A text in both languages. */
export const text = (zh: string, en: string): Text => ({ zh, en });

/** The department answerable for a clause; `platform` stands for the figures of all departments, put together by the gateway. */
export type ClauseOwner = "platform" | "monitoring" | "employment" | "industry" | "funds" | "cooperation" | "social";

/**
 * How a clause binds. `hard` refuses; `soft` passes with a recorded reason; `target` is measured against a figure;
 * `qualitative` is carried out through a register. Where a clause is two of them, the main one comes first.
 */
export type ClauseKind = "hard" | "soft" | "target" | "qualitative";

/** Every clause of the plan, in its order. */
export const clauseIds = [
  ...(["G-01", "G-02"] as const),
  ...(["M-01", "M-02", "M-03", "M-04a", "M-04b", "M-04c", "M-05", "M-06"] as const),
  ...(["E-01", "E-02", "E-03", "E-04", "E-05", "E-06", "E-07", "E-08", "E-09"] as const),
  ...(["E-10", "E-11", "E-12", "E-13", "E-14a", "E-14b", "E-15"] as const),
  ...(["I-01a", "I-01b", "I-02", "I-03", "I-04", "I-05", "I-06", "I-07", "I-08"] as const),
  ...(["I-09a", "I-09b", "I-09c", "I-10a", "I-10b", "I-11"] as const),
  ...(["F-01a", "F-01b", "F-02", "F-03", "F-04", "F-05", "F-06", "F-07", "F-08"] as const),
  ...(["C-01", "C-02", "C-03", "C-04", "C-05", "C-06", "C-07", "C-08"] as const),
  ...(["C-09", "C-10", "C-11", "C-12", "C-13", "C-14", "C-15"] as const),
  ...(["S-01", "S-02a", "S-02b", "S-02c", "S-03", "S-04a", "S-04b", "S-05", "S-06"] as const),
] as const;

export type ClauseId = (typeof clauseIds)[number];

/** What is written down of a clause; its parameters and targets are found by its id. */
export interface ClauseEntry {
  readonly id: ClauseId;
  readonly owner: ClauseOwner;
  readonly kind: readonly ClauseKind[];
  readonly title: Text;
  /** What the platform does for the clause. */
  readonly summary: Text;
}

/** One clause; a kind given alone stands for a list of one. */
export function clause(
  id: ClauseId,
  owner: ClauseOwner,
  kind: ClauseKind | readonly ClauseKind[],
  title: Text,
  summary: Text,
): ClauseEntry {
  return { id, owner, kind: typeof kind === "string" ? [kind] : kind, title, summary };
}
