import { defineEvent } from "@shouwang/contract";
import { z } from "zod";

const id = "0190b2c4-0000-7000-8000-000000000001";
const about = { clauses: [], readers: ["cooperation"] } as const;

/** A fact: somebody came, and it cost something. */
export const VisitRecorded = defineEvent(
  "social.test-visit.recorded",
  1,
  z.object({ visitId: z.uuid(), fileId: z.uuid(), amountFen: z.int() }),
  {
    ...about,
    kind: "fact",
    title: { zh: "就诊", en: "Visit" },
    example: { visitId: id, fileId: id, amountFen: 100 },
  },
);

/** A state: the whole file after the change. */
export const FileChanged = defineEvent("social.test-file.changed", 1, z.object({ fileId: z.uuid(), weight: z.int() }), {
  ...about,
  kind: "state",
  title: { zh: "档案变更", en: "File changed" },
  example: { fileId: id, weight: 60 },
});

/** What the reaction says to each visit. */
export const ThanksSaid = defineEvent("cooperation.test-thanks.said", 1, z.object({ visitId: z.uuid() }), {
  ...about,
  kind: "fact",
  title: { zh: "致谢", en: "Thanks said" },
  example: { visitId: id },
});
