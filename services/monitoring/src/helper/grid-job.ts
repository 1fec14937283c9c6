import { businessDate } from "@shouwang/service-kit";
import { z } from "zod";
import { job } from "../kit.ts";
import { markVillages } from "../round/store.ts";
import { householdsOfGrid, leaveGrid, lockHouseholds, moveToGrid } from "./grid-store.ts";

const handOverInput = z.object({
  region: z.string(),
  from: z.string(),
  /** Who goes round them from now on; null: nobody yet. */
  to: z.string().nullable(),
});

const chunkSize = 500;
/** More than any village has. */
const mostInGrid = 100_000;

/**
 * M-02: hands all households of a grid to another worker, chunk by chunk; where it was stopped it goes on with what is still there, so the totals are exact:
 * `moved` to the successor, `released` into no grid.
 */
export const handOverGrid = job({
  kind: "grid-hand-over",
  run: async ({ tx, input, now }) => {
    const { region, from, to } = handOverInput.parse(input);
    const today = businessDate(now);
    const held = await householdsOfGrid(tx, { region, subject: from }, chunkSize);
    await lockHouseholds(tx, held);
    // Looked up again under the locks: an officer may have drawn the grid anew meanwhile.
    const still = new Set(await householdsOfGrid(tx, { region, subject: from }, chunkSize));
    const households = held.filter((id) => still.has(id));
    const moved = to === null ? 0 : (await moveToGrid(tx, { subject: to, region, households, today })).moved;
    const released = to === null ? await leaveGrid(tx, households, today) : 0;
    await markVillages(tx, [{ month: today.slice(0, 7), place: region }]);
    const done = held.length < chunkSize;
    return {
      ...(done ? {} : { next: {} }),
      totals: { moved, released },
      ...(done
        ? { audit: [{ action: "hand-over-grid", entity: "grid", entityId: from, region, clause: "M-02", changed: { from, to } }] }
        : {}),
    };
  },
  leave: async ({ tx, input, totals: { moved = 0, released = 0 } }) => {
    const { region, from } = handOverInput.parse(input);
    return { done: moved + released, left: (await householdsOfGrid(tx, { region, subject: from }, mostInGrid)).length };
  },
});
