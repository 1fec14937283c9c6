import { Refusal } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { businessDate, type ClaimParts, inSavepoint, type JobKind } from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { listUnclaimed } from "./store.ts";

const Input = z.object({ year: z.int(), area: z.string() });
/** People of one chunk: each asks some ten questions. */
const most = 100;

/**
 * Makes the claims of everybody in an area who was at work outside the region in a year and for whom nobody has claimed, by the rules of an entry by hand and
 * under whoever asked. Whoever the rule refuses is counted, and stays on the list with what is missing.
 */
export const draftingJob = (make: ClaimParts<DB>["make"]): JobKind<DB> => ({
  kind: "draft-transport-subsidies",
  run: async ({ tx, input, checkpoint, actor, now, keys }) => {
    const { year, area } = Input.parse(input);
    const today = businessDate(now);
    const after = checkpoint === undefined ? undefined : z.string().parse(checkpoint);
    const found = await listUnclaimed(tx, { year, today, area: rangeOf(area), after, limit: most });
    const people = found.slice(0, most);
    const totals = { people: people.length, drafted: 0, refused: 0 };
    const audit = [];
    for (const { personId } of people) {
      const made = await inSavepoint(
        tx,
        "draft",
        (claim) => !(claim instanceof Refusal),
        () => make(tx, { personId, year }, { actor, now, today, keys }),
      );
      if (made instanceof Refusal) {
        totals.refused += 1;
        continue;
      }
      totals.drafted += 1;
      audit.push({ action: "make-transport-subsidy", entity: made.kind, entityId: made.id, region: made.region, clause: "E-02" });
    }
    const last = people.at(-1);
    return { totals, audit, ...(found.length > most && last ? { next: last.personId } : {}) };
  },
});
