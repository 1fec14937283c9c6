import { RiskLeadId } from "@shouwang/contract";
import { sealRecord } from "@shouwang/service-kit";
import { z } from "zod";

export const LeadPath = z.object({ leadId: RiskLeadId });
export const Note = z.string().trim().min(2).max(500).optional().describe("Sealed: may name people");
export const sealNote = (keys: Parameters<typeof sealRecord>[0], table: string, id: string, note: string | undefined) =>
  note === undefined ? undefined : sealRecord(keys, { table, id }, { note });
