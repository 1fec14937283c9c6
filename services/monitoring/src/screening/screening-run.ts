import { Refusal, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { actorOf, afterCursor, businessDate, cutPage, findJob, PageQuery, pageOf, requestJob } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { command, job, query, schedule } from "../kit.ts";
import { AreaEntry, areaOf, chosenRules, RuleCodes } from "./area.ts";
import { refreshNext } from "./fact-store.ts";
import { readSettings, screenHouseholds, settingsByCounty } from "./run.ts";
import { findRun, insertRun, listRuns, type ScreeningRun } from "./run-store.ts";
import { anyOf, pageOfHouseholds, rulesSql } from "./store.ts";
import { placeOf, Waiting, waitingOf } from "./views.ts";

const screeners = ["region-officer", "city-officer", "county-officer", "township-officer"] as const;
const householdsPerChunk = 1_000;
const screeningJob = "screening-run";

export const startScreening = command(
  {
    method: "post",
    operation: "start-screening-run",
    path: "/screening-runs",
    summary: { zh: "正式筛查,登记风险线索", en: "Screen an area and register its leads; runs as long work" },
    clauses: ["M-01", "M-03"],
    allow: screeners,
    body: AreaEntry.extend({ rules: RuleCodes }),
    reply: z.object({ runId: z.string(), jobId: z.string() }),
    status: 202,
    problems: ["invalid-input", "unknown-division", "outside-area"],
  },
  async ({ tx, body, actor, now, today }) => {
    const region = areaOf(actor, body.region);
    if (region instanceof Refusal) return region;
    const rules = await chosenRules(tx, region, today, body.rules);
    if (rules instanceof Refusal) return rules;
    const runId = uuidv7();
    const jobId = await requestJob(tx, actor, { kind: screeningJob, region, input: { runId } });
    await insertRun(tx, { id: runId, region, rules: body.rules ?? null, asOf: today, jobId, at: now }, actorOf(actor));
    const audit = { action: "start-screening-run", entity: "screening-run", entityId: runId, region, clause: "M-01" };
    return { reply: { runId, jobId }, audit: [{ ...audit, changed: { rules: body.rules ?? null } }] };
  },
);

const Checkpoint = z.discriminatedUnion("step", [
  z.object({ step: z.literal("refresh") }),
  z.object({ step: z.literal("screen"), after: z.object({ region: z.string(), householdId: z.uuid() }).optional() }),
]);

/**
 * A screening run (M-01): first the facts of the area that are due are worked out, then its households are gone through by place. Each chunk finds the next
 * thousand for which a rule holds, looks at them again under their locks, and registers. One that was stopped goes on behind the last household.
 */
export const screeningRunJob = job({
  kind: screeningJob,
  run: async ({ tx, input, checkpoint, actor, now }) => {
    const { runId } = z.object({ runId: z.uuid() }).parse(input);
    const run = await findRun(tx, runId);
    if (!run) throw new Error("the run of this job is gone");
    const at = Checkpoint.parse(checkpoint ?? { step: "refresh" });
    const day = businessDate(now);
    if (at.step === "refresh") {
      const refreshed = await refreshNext(tx, run.region, day, householdsPerChunk);
      return { next: { step: refreshed < householdsPerChunk ? "screen" : "refresh" }, totals: { refreshed } };
    }
    // A rule that ended since the run was asked for is not applied any more.
    const rules = (await chosenRules(tx, run.region, day, undefined)) as Exclude<
      Awaited<ReturnType<typeof chosenRules>>,
      Refusal
    >; // Safe: only named codes can be refused.
    const applied = rules.filter(({ code }) => run.rules?.includes(code) ?? true);
    const byCounty = settingsByCounty(applied, await readSettings(tx, applied, day), run.region);
    const { join, conditions } = rulesSql(applied, byCounty, day);
    const area = { region: run.region, after: at.after, limit: householdsPerChunk };
    const page = await pageOfHouseholds(tx, { join, condition: anyOf(conditions) }, area);
    const ids = page.map(({ householdId }) => householdId);
    const { totals, events, audit } = await screenHouseholds(tx, applied, ids, { now, actor: actorOf(actor) });
    const last = page.at(-1);
    const more = last !== undefined && page.length === householdsPerChunk;
    return {
      totals: { households: page.length, ...totals },
      events,
      audit,
      ...(more ? { next: { step: "screen", after: last } } : { result: { rules: waitingOf(applied, byCounty) } }),
    };
  },
});

const count = z.int().default(0);
const RunView = z.object({
  runId: z.string(),
  region: z.string(),
  place: z.string(),
  rules: z.array(z.string()).nullable().describe("Codes it was asked for; null for all"),
  asOf: z.string(),
  jobId: z.string(),
  at: z.string(),
});
const RunProgress = RunView.extend({
  state: z.enum(["queued", "running", "done", "failed"]),
  totals: z.object({
    refreshed: count.describe("Households whose facts were worked out first"),
    households: count.describe("Households for which a rule held"),
    leads: count.describe("Leads registered"),
    merged: count.describe("Findings added to an open lead"),
    known: count.describe("Findings about a household that is being identified or helped for that cause"),
    knownFalse: count.describe("Findings on facts that a visit found to be no risk"),
  }),
  waiting: z.array(Waiting).describe("What rules waited for; known when the run is done"),
  finishedAt: z.string().nullable(),
});

const runView = ({ id, at, ...run }: ScreeningRun): z.input<typeof RunView> => ({
  ...run,
  runId: id,
  place: placeOf(run.region),
  at: at.toISOString(),
});

export const listScreeningRuns = query(
  {
    operation: "list-screening-runs",
    path: "/screening-runs",
    summary: { zh: "筛查记录", en: "List the screening runs of an area" },
    clauses: ["M-01"],
    allow: screeners,
    query: PageQuery,
    reply: pageOf(RunView),
    problems: [],
  },
  async ({ tx, query: { cursor, limit } }) => {
    const page = cutPage(await listRuns(tx, afterCursor(cursor), limit), limit, (run) => run.id);
    return { reply: { items: page.items.map(runView), next: page.next } };
  },
);

export const readScreeningRun = query(
  {
    operation: "read-screening-run",
    path: "/screening-runs/{runId}",
    summary: { zh: "查看筛查进度", en: "Read how far a screening run is, and what came of it" },
    clauses: ["M-01"],
    allow: screeners,
    params: z.object({ runId: z.uuid() }),
    reply: RunProgress,
    problems: ["screening-run-not-found"],
  },
  async ({ tx, params }) => {
    const run = await findRun(tx, params.runId);
    const work = run && (await findJob(tx, run.jobId));
    if (!run || !work) return refuse("screening-run-not-found");
    const { rules } = z.object({ rules: z.array(Waiting).default([]) }).parse(work.result ?? {});
    return {
      reply: {
        ...runView(run),
        state: work.state,
        totals: work.totals,
        waiting: rules.filter(({ waitingFor }) => waitingFor.length > 0),
        finishedAt: work.finishedAt?.toISOString() ?? null,
      },
    };
  },
);

/** As days go by, records leave their windows and children grow up: the facts concerned are worked out on that day. */
export const refreshFacts = schedule({
  name: "refresh-household-facts",
  everyMs: 5_000,
  run: async ({ tx, today }) => ({ more: (await refreshNext(tx, rangeOf("45").lo, today, 500)) === 500 }),
});
