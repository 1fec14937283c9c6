import { type EventDraft, PersonChanged, PersonDied, PersonLeftHousehold, PersonState } from "@shouwang/contract";
import {
  addDays,
  businessDate,
  businessNow,
  cancelDeadlines,
  closePosting,
  endOfDay,
  lockPosting,
  openDeadline,
  parameterFor,
  type Tx,
} from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { reaction } from "../kit.ts";
import { aboutHolder, postingEvent } from "./chain.ts";
import type { Holder } from "./decide.ts";
import { lockHoldersOf, nextState, saveHolder } from "./store.ts";
import { endSuspension } from "./time-store.ts";

/** Ends what a person who died held, on that day, or had applied for. */
async function endByDeath(tx: Tx<DB>, before: Holder, diedOn: string, now: Date): Promise<EventDraft[]> {
  const held = before.status === "active" || before.status === "suspended";
  const until = diedOn < (before.from ?? diedOn) ? (before.from ?? diedOn) : diedOn;
  if (held) await endSuspension(tx, before.id, until);
  const { holder, events } = nextState(before, held ? { status: "left", until, leftBecause: "death" } : { status: "refused" });
  await saveHolder(tx, holder);
  await cancelDeadlines(tx, "post-holder", holder.id, now);
  const posting = await lockPosting(tx, "post-holder", holder.id);
  if (posting?.state !== "posted") return events;
  await closePosting(tx, posting.id, "withdrawn", now);
  return [...events, postingEvent(posting, "withdrawn", posting.version + 1)];
}

/** Who left their household, or is registered elsewhere now, may hold the post on only as the township finds. */
async function askTownship(tx: Tx<DB>, holder: Holder, now: Date): Promise<void> {
  const today = businessDate(now);
  const days = (await parameterFor(tx, "post.checkDays", holder.region, today)).value;
  await openDeadline(tx, {
    ...{ ...aboutHolder(holder), kind: "look-at-post-holder", clause: "E-05", role: "township-officer" },
    ...{ startedAt: now, dueAt: endOfDay(addDays(today, days)) },
  });
}

/** What the registry tells of people at a post, or on the way to one. */
export const personsChanged = reaction({
  name: "post-holders",
  events: [PersonDied, PersonLeftHousehold, PersonChanged],
  apply: async (tx, { data }) => {
    const person = PersonState.parse(data);
    const events: EventDraft[] = [];
    const now = await businessNow(tx);
    for (const holder of await lockHoldersOf(tx, person.personId)) {
      if (person.status === "died") events.push(...(await endByDeath(tx, holder, person.since, now)));
      else if (person.status === "left" || person.region !== holder.region) await askTownship(tx, holder, now);
    }
    return events;
  },
});
