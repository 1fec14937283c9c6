import { rangeOf } from "@shouwang/regions";
import { z } from "zod";
import { bulk } from "../kit.ts";
import { dispatchLead } from "./handling.ts";
import { listLeads, lockLead } from "./store.ts";

/** M-03: many leads are given to one person at once. */
export const leadBulks = [
  bulk({
    of: dispatchLead,
    item: "leadId",
    filter: z.object({
      region: z
        .string()
        .regex(/^\d{2,12}$/)
        .optional()
        .describe("The caller's own where absent"),
    }),
    body: z.object({ to: z.string() }),
    choose: ({ tx, filter, actor, limit }) =>
      listLeads(tx, { status: "registered", region: rangeOf(filter.region ?? actor.region), limit: limit - 1 }),
    look: async ({ tx, id, body }) => {
      const lead = await lockLead(tx, id);
      return lead && { version: lead.version, done: lead.status === "dispatched" && lead.dispatchedTo === body.to };
    },
  }),
];
