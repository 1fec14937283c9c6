import { type Keys, openRecord, PersonalDataError, type Tx } from "@shouwang/service-kit";
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
