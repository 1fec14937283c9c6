import { rangeOf } from "@shouwang/regions";
import { stepsOf, type Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { bulk } from "../kit.ts";
import { countyApproval } from "./approval.ts";
import { type CaseStep, inclusionChain } from "./chain.ts";
import { townshipCheck } from "./review.ts";
import { casesWaitingFor, lockCase } from "./store.ts";

/** Which of an area's cases: those that wait for the step, of one procedure or both. */
const Waiting = z.object({
  region: z
    .string()
    .regex(/^\d{2,12}$/)
    .optional()
    .describe("The caller's own where absent"),
  procedure: z.enum(["inclusion", "clearance"]).optional(),
});

/** The case locked, and whether its present round has the step with this very outcome behind it. */
async function lookAt(tx: Tx<DB>, caseId: string, step: CaseStep, outcome: string) {
  const monitored = await lockCase(tx, caseId);
  if (!monitored) return undefined;
  const taken = await stepsOf(tx, inclusionChain.name, caseId);
  const done = taken.some((one) => one.round === monitored.round && one.step === step && one.outcome === outcome);
  return { version: monitored.version, done };
}

/** M-03: a township checks, and a county approves, many cases at once. */
export const caseBulks = [
  bulk({
    of: townshipCheck,
    item: "caseId",
    filter: Waiting,
    body: z.object({ passed: z.boolean() }),
    choose: ({ tx, filter, actor, limit }) =>
      casesWaitingFor(tx, "township-check", { area: rangeOf(filter.region ?? actor.region), procedure: filter.procedure, limit }),
    look: ({ tx, id, body }) => lookAt(tx, id, "township-check", body.passed ? "passed" : "not-passed"),
  }),
  bulk({
    of: countyApproval,
    item: "caseId",
    filter: Waiting,
    body: z.object({ approved: z.boolean() }),
    choose: ({ tx, filter, actor, limit }) =>
      casesWaitingFor(tx, "county-approval", {
        area: rangeOf(filter.region ?? actor.region),
        procedure: filter.procedure,
        limit,
      }),
    look: ({ tx, id, body }) => lookAt(tx, id, "county-approval", body.approved ? "approved" : "refused"),
  }),
];
