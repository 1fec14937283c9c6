import { refuse } from "@shouwang/contract";
import { z } from "zod";
import { command } from "../kit.ts";
import { LeadPath } from "./note.ts";
import { openLeadNotes } from "./note-store.ts";
import { findLead } from "./store.ts";

export const revealLeadNotes = command(
  {
    method: "post",
    operation: "reveal-risk-lead-notes",
    path: "/risk-leads/{leadId}/reveal",
    summary: {
      zh: "查看线索说明和核实记录原文(须说明用途,留痕)",
      en: "Reveal what was said of a lead when it was reported and verified: purpose stated, audited",
    },
    clauses: ["M-03"],
    allow: ["county-officer", "township-officer", "village-officer", "first-secretary"],
    params: LeadPath,
    body: z.object({ purpose: z.string().trim().min(4).max(120) }),
    reply: z.object({
      leadId: z.string(),
      note: z.string().nullable(),
      verifications: z.array(z.object({ visitedOn: z.string(), outcome: z.string(), note: z.string().nullable() })),
    }),
    reveals: true,
    problems: ["lead-not-found"],
  },
  async ({ tx, params, body, keys }) => {
    const lead = await findLead(tx, params.leadId);
    if (!lead) return refuse("lead-not-found");
    const { id: entityId, region } = lead;
    const about = { action: "reveal-risk-lead-notes", entity: "risk-lead", entityId, region, clause: "M-03" };
    return {
      reply: { leadId: lead.id, ...(await openLeadNotes(tx, keys, lead)) },
      audit: [{ ...about, purpose: body.purpose }],
    };
  },
);
