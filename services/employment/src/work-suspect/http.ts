import { DateText, PersonId, SuspectClosed } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, businessDate, cutPage, everyone, PageQuery, pageOf, requestJob } from "@shouwang/service-kit";
import { z } from "zod";
import { job, query, reaction, schedule, slice } from "../kit.ts";
import { Area } from "../registry/views.ts";
import { closeSuspect, findAmong, listSuspects, nextWorkers, raise } from "./store.ts";

/** What is looked for, in the words of whoever reads the list. */
const suspectRules = {
  "work-overlaps": { zh: "同一人两条务工记录时间重叠", en: "Two records of a person share days" },
  "work-after-death": { zh: "务工记录晚于死亡日期", en: "At work after the day of death" },
  "work-after-leaving": { zh: "离户后仍有务工记录", en: "At work after having left the household" },
  "at-work-by-roll": { zh: "名单显示在岗,记录已结束", en: "At work by a list, while the record has ended" },
  "insured-elsewhere": { zh: "社保参保单位与务工记录不一致", en: "Insured by another employer than the one recorded" },
  "insured-not-recorded": { zh: "社保参保但无务工记录", en: "Insured by an employer, with no work recorded" },
} as const;
// Safe: the keys of the record above.
const codes = Object.keys(suspectRules) as [keyof typeof suspectRules, ...(keyof typeof suspectRules)[]];

const SuspectView = z.object({
  suspectId: z.string().describe("The same in monitoring's workbench, where it is checked"),
  ruleCode: z.enum(codes),
  rule: z.object({ zh: z.string(), en: z.string() }),
  about: z.enum(["work-record", "person"]),
  aboutId: z.string(),
  otherId: z.string().nullable().describe("The earlier of two records"),
  personId: z.string(),
  householdId: z.string().nullable(),
  region: z.string(),
  raisedOn: z.string(),
  outcome: z
    .enum(["true-and-mended", "not-true", "true-as-recorded", "household-ended"])
    .nullable()
    .describe("What the check found"),
  closedOn: z.string().nullable(),
});

const listSuspectsRoute = query(
  {
    operation: "list-work-suspects",
    path: "/work-suspects",
    summary: {
      zh: "务工疑点清单(在防返贫监测疑点台核查)",
      en: "What looks wrong about people's work; it is checked in monitoring's workbench",
    },
    clauses: ["E-01", "M-01"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional().describe("The caller's own where absent"),
      rule: z.enum(codes).optional(),
      open: z.stringbool().optional().describe("Only those still to be checked, or only those that were"),
      personId: PersonId.optional(),
    }),
    reply: pageOf(SuspectView),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { region, cursor, limit, rule: ruleCode, open, personId }, actor }) => {
    const filter = { area: rangeOf(region ?? actor.region), open, ruleCode, personId, after: afterCursor(cursor), limit };
    const page = cutPage(await listSuspects(tx, filter), limit, ({ id }) => id);
    const items = page.items.map(({ id, ...suspect }) => {
      // Safe, all three: check constraints and the one writer of these columns hold them to the unions.
      const ruleCode = suspect.ruleCode as keyof typeof suspectRules;
      const about = suspect.about as "work-record" | "person";
      const outcome = suspect.outcome as z.infer<typeof SuspectView>["outcome"];
      return { ...suspect, suspectId: id, ruleCode, about, outcome, rule: suspectRules[ruleCode] };
    });
    return { reply: { items, next: page.next } };
  },
);

const findJob = "find-work-suspects";
const peoplePerChunk = 1_000;

/** E-01: goes through everybody with a work record and raises what is new. */
const findSuspects = job({
  kind: findJob,
  background: true,
  run: async ({ tx, checkpoint, now }) => {
    const { after } = z.object({ after: z.uuid().optional() }).parse(checkpoint ?? {});
    const people = await nextWorkers(tx, after, peoplePerChunk);
    const events = await raise(tx, await findAmong(tx, people), businessDate(now));
    return {
      ...(people.length < peoplePerChunk ? {} : { next: { after: people.at(-1) } }),
      totals: { people: people.length, suspects: events.length },
      events,
    };
  },
});

/** Somebody may have died, left or been entered twice since: everybody is looked at once a day. */
const daily = schedule({
  name: findJob,
  everyMs: 60_000,
  slot: (now) => businessDate(now),
  run: async ({ tx, actor }) => {
    await requestJob(tx, actor, { kind: findJob, region: "450000000000", input: {} });
    return {};
  },
});

/** What the village found out about a suspect of this department. */
const closed = reaction({
  name: "suspect-closed",
  events: [SuspectClosed],
  apply: async (tx, { data }) => {
    const told = SuspectClosed.schema.parse(data);
    if (told.raisedBy === "employment") await closeSuspect(tx, { ...told, closedOn: DateText.parse(told.closedOn) });
    return [];
  },
});

/** What looks wrong about people's work: found here, checked by the villages in monitoring's workbench, and never asked twice. */
export const workSuspectSlice = slice({
  name: "work-suspect",
  title: { zh: "务工疑点", en: "Suspects about work" },
  routes: [listSuspectsRoute],
  jobs: [findSuspects],
  schedules: [daily],
  readers: [closed],
});
