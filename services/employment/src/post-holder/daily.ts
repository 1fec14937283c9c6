import { divisionsUnder, province } from "@shouwang/regions";
import { addDays, businessDate, endOfDay, openDeadlines, readParameters } from "@shouwang/service-kit";
import { schedule } from "../kit.ts";
import { nextState, saveHolder, signedUntil } from "./store.ts";
import { overAge } from "./time-store.ts";

const atOnce = 500;

/** Whose agreement begins today is at the post from today on. */
export const beginAtPosts = schedule({
  name: "post-holders-begin",
  everyMs: 1_000,
  slot: (now) => businessDate(now),
  run: async ({ tx, today }) => {
    const events = [];
    const signed = await signedUntil(tx, today, atOnce);
    for (const before of signed) {
      const { holder, events: told } = nextState(before, { status: "active" });
      await saveHolder(tx, holder);
      events.push(...told);
    }
    return { events, ...(signed.length === atOnce ? { more: true, notYet: true } : {}) };
  },
});

/** Who has grown too old for a post since they were taken is a matter for the township: nobody is put out by a machine. */
export const findOverAge = schedule({
  name: "post-holders-over-age",
  everyMs: 1_000,
  slot: (now) => businessDate(now),
  run: async ({ tx, now, today }) => {
    const keys = ["post.ageMax", "post.ageMaxExtended", "post.ageExtended", "post.checkDays"] as const;
    const read = await readParameters(tx, keys, today);
    const ages = divisionsUnder(province().code, "county").map(({ code }) => ({
      county: code.slice(0, 6),
      most: read(read("post.ageExtended", code).value ? "post.ageMaxExtended" : "post.ageMax", code).value,
    }));
    const tooOld = await overAge(tx, ages, today, atOnce);
    await openDeadlines(
      tx,
      tooOld.map(({ id, householdId, region }) => ({
        ...{ kind: "end-over-age-post", clause: "E-05", entity: "post-holder", entityId: id, householdId, region },
        ...{ role: "township-officer", startedAt: now, dueAt: endOfDay(addDays(today, read("post.checkDays", region).value)) },
      })),
    );
    return tooOld.length === atOnce ? { more: true, notYet: true } : {};
  },
});
