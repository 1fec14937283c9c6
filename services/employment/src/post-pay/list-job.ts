import { rangeOf } from "@shouwang/regions";
import type { Tx } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { job } from "../kit.ts";
import { clearHeld, clearLines, lockList, saveList, workOut } from "./list-store.ts";

export const payListJob = "post-pay-list";
const Input = z.object({ listId: z.uuid() });
/** So many people a chunk: a statement over them stays well under two seconds. */
const people = 2_000;

/** Works a pay list out, many people a statement. Its totals are the sum over its chunks, so they are exact whatever was killed. */
export const workOutPayList = job({
  kind: payListJob,
  run: async ({ tx, input, checkpoint, totals }) => {
    const { listId } = Input.parse(input);
    const list = await lockList(tx, listId);
    if (list?.status !== "generating") return { totals: {} };
    const area = rangeOf(list.region);
    const after = z.uuid().optional().parse(checkpoint);
    if (after === undefined) {
      await clearLines(tx, list);
      await clearHeld(tx, list, area);
    }
    const { last, ...worked } = await workOut(tx, list, { area, after, people });
    if (last !== undefined) return { totals: worked, next: last };
    await close(tx, listId, totals);
    return { totals: worked };
  },
});

async function close(tx: Tx<DB>, listId: string, totals: Record<string, number>): Promise<void> {
  const list = await lockList(tx, listId);
  if (!list) return;
  const of = (key: string) => totals[key] ?? 0;
  await saveList(tx, {
    ...{ ...list, status: "generated", version: list.version + 1 },
    ...{ lines: of("lines"), amountFen: of("amountFen"), held: of("held"), missing: of("missing"), withoutPay: of("withoutPay") },
  });
}
