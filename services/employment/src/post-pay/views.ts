import { FundSource, Month } from "@shouwang/contract";
import { z } from "zod";
import type { PayLine } from "./line-store.ts";
import type { PayList } from "./list-store.ts";

export const PayListView = z.object({
  listId: z.string(),
  region: z.string(),
  month: Month,
  status: z.enum(["generating", "generated", "checked", "approving", "approved", "cancelled"]),
  lines: z.int().describe("People to be paid"),
  amountFen: z.int().describe("Their sum, exact"),
  held: z.int().describe("Lines that wait: for a doubt to be settled, or a rate above the month's ceiling to be mended"),
  missing: z.int().describe("People whose attendance nobody has checked: they come into a later list"),
  withoutPay: z.int().describe("People whose month comes to nothing"),
  rejected: z.int().describe("Granted or paid elsewhere in the region for the month"),
  document: z.string().nullable(),
  jobId: z.string().nullable().describe("The job that works on it, or worked last"),
  madeOn: z.string(),
  version: z.int(),
});
export const payListView = ({
  id,
  madeBy: _,
  checkedBy: __,
  approvedBy: ___,
  ...list
}: PayList): z.input<typeof PayListView> => ({
  ...list,
  listId: id,
});

const statuses = [
  ...(["listed", "held", "awaiting-funds", "accepted", "payment-refused", "payment-returned"] as const),
  ...(["withdrawing", "paid", "clawback-due", "clawed-back", "rejected"] as const),
];
export const PayLineView = z.object({
  claimId: z.string(),
  listId: z.string(),
  personId: z.string(),
  householdId: z.string(),
  postHolderId: z.string(),
  postId: z.string(),
  region: z.string(),
  name: z.string().nullable().describe("Masked"),
  month: Month,
  days: z.int(),
  amountFen: z.int(),
  sourceKinds: z.array(FundSource),
  status: z.enum(statuses),
  because: z.string().nullable().describe("Why it waits, came back or was rejected"),
  paidOn: z.string().nullable(),
  version: z.int(),
});
export const payLineView = ({
  id,
  holderId,
  nameMask,
  paymentId: _,
  told: __,
  ...line
}: PayLine & { nameMask: string | null }): z.input<typeof PayLineView> => ({
  ...line,
  claimId: id,
  postHolderId: holderId,
  name: nameMask,
});
