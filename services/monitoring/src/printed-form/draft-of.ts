import type { Keys, Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { applicationDraft, clearanceDraft, noticeDraft, reviewDraft } from "./case-drafts.ts";
import type { Asked } from "./draft.ts";
import type { FormKind } from "./kinds.ts";
import { visitDraft } from "./visit-draft.ts";
import { yearDraft } from "./year-draft.ts";

const drafts = {
  "application-and-authorisation": applicationDraft,
  "annual-update": yearDraft,
  "village-review-record": reviewDraft,
  "posting-notice": noticeDraft,
  "visit-record": visitDraft,
  "clearance-confirmation": clearanceDraft,
} as const satisfies Record<FormKind, unknown>;

/** A form of a kind as it would be printed now, or why it cannot be. What it is about is held until the transaction ends. */
export const draftOf = async (tx: Tx<DB>, keys: Keys, kind: FormKind, asked: Asked) => await drafts[kind](tx, keys, asked);
