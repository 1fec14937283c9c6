import { rangeOf } from "@shouwang/regions";
import type { Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { bulk } from "../kit.ts";
import type { SuspectStatus } from "./decide.ts";
import { assignSuspect } from "./life.ts";
import { closeSuspect, reviewSuspect } from "./life-close.ts";
import { lockSuspect, type Suspect, suspectsAt } from "./store.ts";

const Waiting = z.object({
  region: z
    .string()
    .regex(/^\d{2,12}$/)
    .optional()
    .describe("The caller's own where absent"),
  rule: z.string().max(40).optional(),
});

/** Chooses those of an area, or of one rule there, that stand at one of these. */
const at =
  (...status: SuspectStatus[]) =>
  (given: { tx: Tx<DB>; filter: z.output<typeof Waiting>; actor: { region: string }; limit: number }) =>
    suspectsAt(given.tx, {
      area: rangeOf(given.filter.region ?? given.actor.region),
      ruleCode: given.filter.rule,
      status,
      limit: given.limit,
    });

/** The suspect locked, and whether it is as the command would leave it. */
const asIf = async (tx: Tx<DB>, id: string, done: (suspect: Suspect) => boolean) => {
  const suspect = await lockSuspect(tx, id);
  return suspect && { version: suspect.version, done: done(suspect) };
};

/** M-01: suspects are given out, looked through and closed many at once. */
export const suspectBulks = [
  bulk({
    of: assignSuspect,
    item: "suspectId",
    filter: Waiting,
    body: z.object({ to: z.string().nullable() }),
    choose: at("new", "returned"),
    look: ({ tx, id, body }) => asIf(tx, id, ({ status, assignedTo }) => status === "assigned" && assignedTo === body.to),
  }),
  bulk({
    of: reviewSuspect,
    item: "suspectId",
    filter: Waiting,
    body: z.object({ accepted: z.boolean() }),
    choose: at("checked"),
    look: ({ tx, id, body }) => asIf(tx, id, ({ status }) => status === (body.accepted ? "reviewed" : "returned")),
  }),
  bulk({
    of: closeSuspect,
    item: "suspectId",
    filter: Waiting,
    body: z.object({ accepted: z.boolean() }),
    choose: at("reviewed"),
    look: ({ tx, id, body }) => asIf(tx, id, ({ status }) => status === (body.accepted ? "closed" : "returned")),
  }),
];
