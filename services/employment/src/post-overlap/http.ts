import { refuse, SuspectClosed } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { actorOf, afterCursor, businessDate, businessNow, cutPage, everyone, PageQuery, pageOf } from "@shouwang/service-kit";
import { z } from "zod";
import { command, query, reaction, slice } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { listOverlaps, lockOverlap, outcomes, type PostOverlap, raiseOverlaps, settleOverlap } from "./store.ts";

const OverlapView = z.object({
  overlapId: z.string(),
  postHolderId: z.string(),
  workRecordId: z.string(),
  personId: z.string(),
  householdId: z.string(),
  region: z.string(),
  raisedOn: z.string(),
  settledOn: z.string().nullable(),
  outcome: z.enum([...outcomes, "household-ended"]).nullable(),
});
const overlapView = ({ id, holderId, ...overlap }: PostOverlap): z.input<typeof OverlapView> => ({
  ...{ ...overlap, overlapId: id, postHolderId: holderId },
});

const listOverlapsRoute = query(
  {
    operation: "list-post-overlaps",
    path: "/post-overlaps",
    summary: { zh: "公益岗与外出务工重叠的疑点", en: "People at a post who are said to be at work away on the same days" },
    clauses: ["E-02", "E-04"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional().describe("The caller's own where absent"),
      open: z.stringbool().optional().describe("Only those that wait, or only those that are settled"),
    }),
    reply: pageOf(OverlapView),
    problems: [],
  },
  async ({ tx, query: { region, open, cursor, limit }, actor }) => {
    const rows = await listOverlaps(tx, { area: rangeOf(region ?? actor.region), open, after: afterCursor(cursor), limit });
    const page = cutPage(rows, limit, ({ id }) => id);
    return { reply: { items: page.items.map(overlapView), next: page.next } };
  },
);

const settleOverlapRoute = command(
  {
    method: "post",
    operation: "settle-post-overlap",
    path: "/post-overlaps/{overlapId}/settlement",
    summary: {
      zh: "办结重叠疑点(属实的日期不发补贴)",
      en: "Settle a doubt: days that were really spent away are not paid",
    },
    clauses: ["E-02", "E-04"],
    allow: ["township-officer"],
    params: z.object({ overlapId: z.uuid() }),
    body: z.object({
      outcome: z
        .enum(outcomes)
        .describe(
          "true-as-recorded: away on those days; true-and-mended: the records were set right; not-true: the person was at the post",
        ),
    }),
    reply: OverlapView,
    problems: ["post-overlap-not-found", "post-overlap-settled"],
  },
  async ({ tx, params, body: { outcome }, actor, now, today }) => {
    const overlap = await lockOverlap(tx, params.overlapId);
    if (!overlap) return refuse("post-overlap-not-found");
    const settled = await settleOverlap(tx, { id: overlap.id, outcome, on: today, by: actorOf(actor), at: now });
    if (!settled) return refuse("post-overlap-settled");
    return {
      reply: overlapView({ ...overlap, settledOn: today, outcome }),
      audit: [
        {
          ...{
            action: "settle-post-overlap",
            entity: "post-overlap",
            entityId: overlap.id,
            region: overlap.region,
            clause: "E-04",
          },
          changed: { outcome },
        },
      ],
    };
  },
);

/** What the registry's own check of a doubt found settles it here too. */
const suspectsClosed = reaction({
  name: "post-overlaps-closed",
  events: [SuspectClosed],
  apply: async (tx, { data, envelope }) => {
    const { suspectId, raisedBy, outcome, closedOn } = SuspectClosed.schema.parse(data);
    if (raisedBy === "employment")
      await settleOverlap(tx, { id: suspectId, outcome, on: closedOn, by: envelope.actor, at: await businessNow(tx) });
    return [];
  },
});

/** Posts and work away on the same days: found each day in one look over everybody, and at once where a record is made. */
export const postOverlapSlice = slice({
  name: "post-overlap",
  title: { zh: "公益岗与外出务工重叠", en: "Posts that overlap work away" },
  routes: [listOverlapsRoute, settleOverlapRoute],
  readers: [suspectsClosed],
  schedules: [
    {
      name: "post-overlaps",
      everyMs: 1_000,
      slot: (now) => businessDate(now),
      run: async ({ tx, now }) => {
        const events = await raiseOverlaps(tx, { now });
        // As many as one statement takes: the same day goes on until none is left.
        return { events, ...(events.length === 1_000 ? { more: true, notYet: true } : {}) };
      },
    },
  ],
});
