import {
  EmploymentAuditHeadPublished,
  PostHolderLeft,
  PostHolderResumed,
  PostHolderStarted,
  PostHolderState,
  PostHolderSuspended,
  ReturneeClosed,
  ReturneeFiled,
  ReturneeFound,
  ReturneeHelped,
  ReturneeSettled,
  ReturneeState,
  WorkRecordChanged,
  WorkRecordEnded,
  WorkRecordStarted,
  WorkRecordState,
  WorkRecordVoided,
} from "@shouwang/contract";
import { addDays, type Incoming, parseBusinessDate } from "@shouwang/service-kit";
import { sql } from "kysely";
import { projection } from "../kit.ts";
import type { PersonWork } from "./decide.ts";
import { saveHeard, saveReturnees, saveWork } from "./store.ts";

export const workEvents = [WorkRecordStarted, WorkRecordChanged, WorkRecordEnded, WorkRecordVoided];
export const postEvents = [PostHolderStarted, PostHolderSuspended, PostHolderResumed, PostHolderLeft];
export const returneeEvents = [ReturneeFound, ReturneeFiled, ReturneeHelped, ReturneeSettled, ReturneeClosed];

/** A time at work out of the state that an event carries; undefined where it is of another entity. */
export function workIn({ definition, data }: Incoming): (PersonWork & { region: string; householdId: string }) | undefined {
  if (definition.entity === WorkRecordStarted.entity) {
    const { workRecordId, personId, householdId, region, scope, channel, from, until, endedBecause, status } =
      WorkRecordState.parse(data);
    // A record that was made void is a time without a day: nobody was at work by it, and nobody lost it.
    const time =
      status === "void" ? { until: addDays(parseBusinessDate(from), -1), endedBecause: null } : { until, endedBecause };
    const work = { personId, householdId, region, scope, channel, from, ...time };
    return { kind: "work-record", id: workRecordId, ...work, suspended: false };
  }
  if (definition.entity === PostHolderStarted.entity) {
    const { postHolderId, personId, householdId, region, from, until, status, leftBecause } = PostHolderState.parse(data);
    const post = { personId, householdId, region, from, until, endedBecause: leftBecause };
    return {
      ...{ kind: "post-holder", id: postHolderId, ...post },
      ...{ scope: "in-county", channel: "public-welfare-post", suspended: status === "suspended" },
    };
  }
  return undefined;
}

const returneeIn = ({ definition, data }: Incoming) => {
  if (definition.entity !== ReturneeFound.entity) return undefined;
  const { returneeId, status, ...returnee } = ReturneeState.parse(data);
  return { ...returnee, id: returneeId, stage: status };
};

const tables = ["monitoring.person_work", "monitoring.returnee", "monitoring.heard_until"] as const;

/**
 * M-05, E-10: who is at work where, and who came back, as employment tells it; the newest state of each decides. The hourly head of employment's audit says that
 * it was heard even when nothing happened. Can be folded again from the stream's beginning.
 */
export const employmentWork = projection({
  name: "employment-work",
  events: [...workEvents, ...postEvents, ...returneeEvents, EmploymentAuditHeadPublished],
  tables,
  reset: async (tx) => {
    for (const table of tables) await sql`delete from ${sql.raw(table)}`.execute(tx);
  },
  applyAll: async (tx, batch) => {
    const versioned = <T>(read: (incoming: Incoming) => T | undefined) =>
      batch.flatMap((incoming) => {
        const state = read(incoming);
        return state === undefined ? [] : [{ ...state, version: Number(incoming.envelope.sequence) }];
      });
    await saveWork(tx, versioned(workIn));
    await saveReturnees(tx, versioned(returneeIn));
    const latest = batch.map(({ envelope }) => envelope.time).toSorted((a, b) => Date.parse(a) - Date.parse(b));
    await saveHeard(tx, latest.at(-1) ?? new Date(0).toISOString());
  },
});
