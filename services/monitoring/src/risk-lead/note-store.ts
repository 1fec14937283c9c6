import type { Reason } from "@shouwang/contract";
import { type KeptFor, type Keys, openRecord, PersonalDataError, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { z } from "zod";
import type { DB } from "../db.ts";

const Words = z.object({ note: z.string() });

/** What the reporter said of a lead, and what those said who went to verify it, in the order of their visits. */
export type LeadNotes = { note: string | null; verifications: { visitedOn: string; outcome: string; note: string | null }[] };

/** The words that stand with a lead, opened. */
export async function openLeadNotes(tx: Tx<DB>, keys: Keys, lead: { id: string; householdId: string }): Promise<LeadNotes> {
  const { rows } = await sql<{ note: Buffer | null }>`select note from monitoring.risk_lead where id = ${lead.id}`.execute(tx);
  const sealed = rows[0]?.note ?? null;
  const visits = await sql<{ id: string; visitedOn: string; outcome: string; note: Buffer | null }>`
    select id, visited_on as "visitedOn", outcome, note from monitoring.lead_verification where lead_id = ${lead.id} order by visited_on, id`.execute(
    tx,
  );
  return {
    note: sealed && wordsOfLead(keys, lead, sealed),
    verifications: visits.rows.map(({ id, note, ...visit }) => ({
      ...visit,
      note: note && openRecord(keys, { table: "monitoring.lead_verification", id }, note, Words).note,
    })),
  };
}

/** Sealed under the lead's own id; the first ones were sealed under their household's, and open under that. */
function wordsOfLead(keys: Keys, lead: { id: string; householdId: string }, sealed: Buffer): string {
  const place = { table: "monitoring.risk_lead", id: lead.id };
  try {
    return openRecord(keys, place, sealed, Words).note;
  } catch (error) {
    if (!(error instanceof PersonalDataError && error.code === "not-authentic")) throw error;
    return openRecord(keys, { ...place, id: lead.householdId }, sealed, Words).note;
  }
}

/** What stands in place of the reasons of a lead whose term has ended. */
const forgotten: Reason = {
  code: "kept-no-longer",
  clause: "M-01",
  parameter: "lead.rejectedKeepMonths",
  zh: "保存期限届满,说明和依据已销毁",
  en: "Its term has ended: the words and facts behind it are gone",
};

/** M-01: what was said of a household that turned out not to be at risk, from the day it was turned away on. That it was is kept, and so is what keeps the same facts from raising it again. */
export const rejectedLeads: KeptFor<DB> = {
  what: "words and facts of leads turned away",
  months: "lead.rejectedKeepMonths",
  forget: async ({ tx, before, most, today }) => {
    const { rows } = await sql<{
      id: string;
    }>`update monitoring.risk_lead set note = null, explanation = ${JSON.stringify([forgotten])}::jsonb, forgotten_on = ${today}
      where id in (select id from monitoring.risk_lead where status = 'rejected' and forgotten_on is null and verified_at < ${before} limit ${most})
      returning id`.execute(tx);
    await sql`update monitoring.lead_verification set note = null where lead_id = any(${rows.map(({ id }) => id)}::uuid[]) and note is not null`.execute(
      tx,
    );
    return rows.length;
  },
};
