import { claimKeysOf } from "@shouwang/plan";
import { takeKeysOfMany } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { claimOffice } from "../claims.ts";
import { job } from "../kit.ts";
import { holdDoubted, lockListed, nextLine, type PayLine, saveLines } from "./line-store.ts";
import { lockList, saveList, sumsOf } from "./list-store.ts";

export const approvalJob = "post-pay-approval";
const Input = z.object({ listId: z.uuid() });
const atOnce = 1_000;

export const keysOf = (line: Pick<PayLine, "personId" | "month">) =>
  claimKeysOf("public-welfare-post", line.personId, line.month);

/**
 * Approves the lines of a list and asks funds for them, a thousand a chunk. The keys of what a post's pay excludes are taken in the whole region: who was granted a
 * labour subsidy for the month is refused here. What was doubted since the list was worked out waits for the next one. What the list came to is summed over its
 * lines, so it is exact also where a second job went on with what a first one left.
 */
export const approvePayList = job({
  kind: approvalJob,
  run: async ({ tx, input, checkpoint, now }) => {
    const list = await lockList(tx, Input.parse(input).listId);
    if (list?.status !== "approving" || list.checkedBy === null || list.approvedBy === null) return { totals: {} };
    const doubted = checkpoint === undefined ? await holdDoubted(tx, list) : 0;
    const lines = await lockListed(tx, list.id, atOnce);
    if (lines.length === 0) {
      await saveList(tx, { ...list, ...(await sumsOf(tx, list.id)), status: "approved", version: list.version + 1 });
      return { totals: { held: doubted } };
    }
    const without = await takeKeysOfMany(
      tx,
      lines.flatMap((line) => keysOf(line).map(({ kind, key }) => ({ kind, key: [key], holder: line.id }))),
    );
    const next = lines.map((line) =>
      without.has(line.id)
        ? nextLine(line, { status: "rejected", because: "paid-elsewhere" })
        : nextLine(line, { status: "awaiting-funds", paymentId: uuidv7() }),
    );
    const approved = next.map(({ line }) => line).filter(({ status }) => status === "awaiting-funds");
    await saveLines(
      tx,
      next.map(({ line }) => line),
    );
    const { checkedBy: submitter, approvedBy: approver } = list;
    const asked = approved.flatMap(({ paymentId, ...line }) =>
      paymentId === null
        ? []
        : [
            {
              ...{ paymentId, claim: "post-pay", claimId: line.id, purpose: "public-welfare-post", periodKey: line.month },
              ...{ personId: line.personId, householdId: line.householdId, region: line.region, amountFen: line.amountFen },
              ...{ sourceKinds: line.sourceKinds, submitter, approver },
            },
          ],
    );
    const requested = await claimOffice.payments.request(tx, asked, now);
    return {
      next: list.id,
      totals: {
        ...{ approved: approved.length, rejected: without.size, held: doubted },
        amountFen: approved.reduce((sum, { amountFen }) => sum + amountFen, 0),
      },
      events: [...next.flatMap(({ events }) => events), ...requested],
    };
  },
});
