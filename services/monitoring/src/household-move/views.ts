import { HouseholdId } from "@shouwang/contract";
import { z } from "zod";
import type { Move } from "./decide.ts";

export const MovePath = z.object({ moveId: z.uuidv7() });
export const MoveView = z.object({
  moveId: z.string(),
  householdId: HouseholdId,
  fromRegion: z.string(),
  toRegion: z.string(),
  status: z
    .enum(["offered", "accepted", "declined", "withdrawn", "expired", "done"])
    .describe("accepted: it is being carried out; done: the household is at its new place"),
  reason: z.string(),
  document: z.string().nullable(),
  summary: z
    .object({
      head: z.string().describe("Masked"),
      headcount: z.int(),
      ableWorkers: z.int(),
      householdKind: z.string(),
      monitored: z.boolean(),
    })
    .describe("What the new place sees until the household is there, as it is now"),
  offeredAt: z.string(),
  expiresOn: z.string(),
  answeredAt: z.string().nullable(),
  declinedBecause: z.string().nullable().describe("Why it was declined, or taken back by itself: household-closed"),
  appliedAt: z.string().nullable(),
  version: z.int(),
});

export const moveView = ({ id, ...move }: Move): z.input<typeof MoveView> => ({
  ...move,
  moveId: id,
  offeredAt: move.offeredAt.toISOString(),
  answeredAt: move.answeredAt?.toISOString() ?? null,
  appliedAt: move.appliedAt?.toISOString() ?? null,
});

/** What the audit says of a step of a move. */
export const auditOf = (action: string, move: Move, region: string) => [
  {
    action,
    entity: "household",
    entityId: move.householdId,
    region,
    clause: "M-01",
    changed: { moveId: move.id, status: move.status, toRegion: move.toRegion },
  },
];
