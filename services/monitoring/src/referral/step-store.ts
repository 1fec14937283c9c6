import { type Keys, openRecord, sealRecord, type Tx } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import type { Referral } from "./decide.ts";

/** One step of a referral: who did what, and by which paper. */
export type Step = {
  step: string;
  because?: string | undefined;
  document?: string | undefined;
  documentDate?: string | undefined;
  actor: string;
  at: Date;
};
/** Free text of a step, which is sealed. */
type StepNote = { keys: Keys; note: string | undefined };

const noteAt = (id: string) => ({ table: "monitoring.referral_step", id });

/** Keeps a step of a referral as it stands after it. */
export async function insertStep(tx: Tx<DB>, referral: Referral, step: Step, sealing?: StepNote): Promise<void> {
  const id = uuidv7();
  const note = sealing?.note === undefined ? null : sealRecord(sealing.keys, noteAt(id), { note: sealing.note });
  await tx
    .insertInto("monitoring.referral_step")
    .values({
      id,
      referral_id: referral.id,
      version: referral.version,
      household_id: referral.householdId,
      region: referral.region,
      department: referral.department,
      step: step.step,
      because: step.because ?? null,
      document: step.document ?? null,
      document_date: step.documentDate ?? null,
      note,
      actor: step.actor,
      at: step.at,
    })
    .execute();
}

/** The steps of a referral the caller may see, the first one first, without their text. */
export async function stepsOfReferral(tx: Tx<DB>, referralId: string) {
  return await tx
    .selectFrom("monitoring.referral_step")
    .select(["step", "department", "because", "document", "document_date", "actor", "at"])
    .where("referral_id", "=", referralId)
    .orderBy("version")
    .execute();
}

/** Opens the texts of a referral's steps. The caller has recorded the purpose. */
export async function openNotes(tx: Tx<DB>, keys: Keys, referralId: string): Promise<{ step: string; note: string }[]> {
  const rows = await tx
    .selectFrom("monitoring.referral_step")
    .select(["id", "step", "note"])
    .where("referral_id", "=", referralId)
    .where("note", "is not", null)
    .orderBy("version")
    .execute();
  return rows.flatMap(({ id, step, note }) =>
    note ? [{ step, ...openRecord(keys, noteAt(id), note, z.object({ note: z.string() })) }] : [],
  );
}
