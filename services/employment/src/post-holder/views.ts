import { PostHolderState, Reason } from "@shouwang/contract";
import { z } from "zod";
import { grounds, type HolderStatus, insurances } from "./decide.ts";
import type { HolderRow } from "./store.ts";

const statuses = [
  ...(["applied", "reviewed", "posted", "objected", "approved"] as const),
  ...(["signed", "active", "suspended", "left", "refused"] as const),
] satisfies readonly HolderStatus[];

export const HolderView = z.object({
  postHolderId: z.string(),
  postId: z.string(),
  personId: z.string(),
  householdId: z.string(),
  region: z.string(),
  name: z.string().nullable().describe("Masked"),
  ground: z.enum(grounds),
  priority: z.int().describe("1 comes first: monitored, then lifted by what keeps them from leaving"),
  appliedOn: z.string(),
  status: z.enum(statuses),
  agreementNo: z.string().nullable(),
  insurance: z.enum(insurances).nullable(),
  from: z.string().nullable().describe("First day at the post"),
  agreementUntil: z.string().nullable(),
  until: z.string().nullable().describe("Last day at the post"),
  leftBecause: PostHolderState.shape.leftBecause,
  version: z.int(),
});
export const HolderDecided = HolderView.extend({ explanation: z.array(Reason) });

export const holderView = ({ id, nameMask, postingId: _, told: __, ...holder }: HolderRow): z.input<typeof HolderView> => ({
  ...holder,
  postHolderId: id,
  name: nameMask,
});
