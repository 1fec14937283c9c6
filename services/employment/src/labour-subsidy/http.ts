import { Bilingual, Month, problems, Reason, Refusal } from "@shouwang/contract";
import { claimParts, inSavepoint } from "@shouwang/service-kit";
import { z } from "zod";
import { claimsClause } from "../claim-figures.ts";
import { claimOffice } from "../claims.ts";
import { command, slice } from "../kit.ts";
import { labourSubsidy } from "./claim.ts";
import { Worker } from "./facts.ts";

const parts = claimParts({ ...claimOffice, kind: labourSubsidy });
export const labourSettler = parts.settler;

const claimBatch = command(
  {
    method: "post",
    operation: "claim-labour-subsidy-batch",
    path: "/labour-subsidy-batches",
    summary: {
      zh: "按用工主体和月份批量提出劳务补助申请",
      en: "Claim a month for the workers of one employer; each is made or refused by itself",
    },
    clauses: ["E-09"],
    allow: ["village-officer", "first-secretary", "township-officer", "county-officer", "department-officer"],
    body: z.object({ employerId: z.uuid(), month: Month, workers: z.array(Worker).min(1).max(200) }),
    reply: z.object({
      made: z.array(z.object({ personId: z.string(), claimId: z.string(), amountFen: z.int().nullable(), outcome: z.string() })),
      refused: z.array(z.object({ personId: z.string(), code: z.string(), title: Bilingual, reasons: z.array(Reason) })),
    }),
    problems: [],
  },
  async ({ tx, body: { employerId, month, workers }, actor, now, today, keys }) => {
    const made = [];
    const refused = [];
    const audit = [];
    for (const worker of workers) {
      const claim = await inSavepoint(
        tx,
        "worker",
        (one) => !(one instanceof Refusal),
        () => parts.make(tx, { ...worker, employerId, month }, { actor, now, today, keys }),
      );
      const { personId } = worker;
      if (claim instanceof Refusal) {
        const { zh, en } = problems[claim.code];
        refused.push({ personId, code: claim.code, title: { zh, en }, reasons: [...claim.reasons] });
        continue;
      }
      const { amountFen, outcome } = claim.assessment;
      made.push({ personId, claimId: claim.id, amountFen, outcome });
      audit.push({ action: "make-labour-subsidy", entity: claim.kind, entityId: claim.id, region: claim.region, clause: "E-09" });
    }
    return { reply: { made, refused }, audit };
  },
);

export const labourSubsidySlice = slice({
  name: "labour-subsidy",
  title: { zh: "劳务补助", en: "Labour subsidies" },
  routes: [claimBatch, ...parts.routes],
  bulks: parts.bulks,
  schedules: parts.schedules,
  clauses: [
    claimsClause({
      kind: "labour-subsidy",
      path: "/labour-subsidies",
      clause: "E-09",
      named: { zh: "劳务补助", en: "Labour subsidy" },
    }),
  ],
});
