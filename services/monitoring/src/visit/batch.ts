import { problems, VisitId } from "@shouwang/contract";
import { z } from "zod";
import { command } from "../kit.ts";
import { visitors } from "./decide.ts";
import { takeVisits } from "./sync.ts";
import { SentVisit } from "./upload.ts";
import { roundReading } from "./views.ts";

/** What a phone gathered while it had no network. */
export const syncVisits = command(
  {
    method: "post",
    operation: "sync-visits",
    path: "/visit-batches",
    summary: {
      zh: "批量补传走访(一次至多500条,逐条答复)",
      en: "Send up to 500 visits at once; each is answered: accepted, a duplicate, or refused with the reason",
    },
    clauses: ["M-02", "M-04c", "M-05"],
    allow: visitors,
    body: z.object({ visits: z.array(SentVisit).min(1).max(500) }),
    reply: z.object({
      accepted: z.int(),
      duplicates: z.int(),
      refused: z.int(),
      items: z
        .array(
          z.object({
            visitId: VisitId,
            outcome: z.enum(["accepted", "duplicate", "refused"]),
            round: z.enum(["at-home", "by-call", "not-counted"]).optional().describe("How it counts for the monthly round"),
            code: z.enum(["household-not-found", "visit-in-future", "visit-month-locked", "already-exists"]).optional(),
            zh: z.string().optional(),
            en: z.string().optional(),
          }),
        )
        .describe("In the order they were sent"),
    }),
    problems: [],
  },
  async ({ tx, body: { visits }, actor, keys, now, today }) => {
    const { answers, events } = await takeVisits(tx, visits, { actor, keys, now, today });
    const items = answers.map((answer, n) => {
      const visitId = String(visits[n]?.visitId);
      if (answer.outcome !== "refused") {
        return { visitId, outcome: answer.outcome, round: roundReading(answer.visit, answer.context) };
      }
      const { code, reasons } = answer.refusal;
      const said = reasons[0] ?? problems[code];
      return { visitId, outcome: answer.outcome, code, zh: said.zh, en: said.en };
    });
    const count = (outcome: string) => items.filter((item) => item.outcome === outcome).length;
    return { reply: { accepted: count("accepted"), duplicates: count("duplicate"), refused: count("refused"), items }, events };
  },
);
