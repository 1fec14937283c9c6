import { rangeOf } from "@shouwang/regions";
import { businessDate } from "@shouwang/service-kit";
import { z } from "zod";
import { job } from "../kit.ts";
import { focusSettings } from "./condition-store.ts";
import { bringOn, removeEnded } from "./listing.ts";

const Place = z.object({ region: z.string(), householdId: z.string() });
const Checkpoint = z.object({ step: z.enum(["list", "remove"]), after: Place.optional() }).default({ step: "list" });
const chunkSize = 1_000;

/**
 * M-05: brings the year's list of an area to what the conditions say: lists, lists by other conditions, takes off with the reason. Each chunk is one transaction of
 * entries, events and audit; it goes on where it was stopped, and a second run finds nothing to do.
 */
export const listFocusHouseholds = job({
  kind: "list-focus-households",
  run: async ({ tx, input, checkpoint, now }) => {
    const { region } = z.object({ region: z.string() }).parse(input);
    const { step, after } = Checkpoint.parse(checkpoint);
    const today = businessDate(now);
    const settings = await focusSettings(tx, region.padEnd(12, "0"), today);
    const given = { area: rangeOf(region), after, limit: chunkSize, today };
    const { events, audit, count, last } =
      step === "list" ? await bringOn(tx, settings, given) : await removeEnded(tx, settings, given);
    const next = last
      ? { step, after: { region: last.region, householdId: last.householdId } }
      : step === "list"
        ? { step: "remove" }
        : undefined;
    return {
      ...(next === undefined ? {} : { next }),
      totals: step === "list" ? { listed: count } : { removed: count },
      events,
      audit,
    };
  },
});
