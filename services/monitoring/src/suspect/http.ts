import { HouseholdId, refuse, SuspectId } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import { afterCursor, cutPage, everyone, mayReach, PageQuery, pageOf, requestJob, stepsOf } from "@shouwang/service-kit";
import { z } from "zod";
import { command, job, query, slice } from "../kit.ts";
import { suspectBulks } from "./bulk.ts";
import { suspectRules } from "./decide.ts";
import { nextHouseholds } from "./facts-store.ts";
import { assignSuspect, assignSuspects, checkSuspect } from "./life.ts";
import { closeSuspect, reviewSuspect } from "./life-close.ts";
import { checkHouseholds } from "./run.ts";
import { countSuspects, findSuspect, listSuspects } from "./store.ts";
import { employmentSuspects } from "./told.ts";
import { SuspectView, suspectReview, suspectView } from "./views.ts";

const Area = z
  .string()
  .regex(/^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$/)
  .describe("Division code or prefix");
const Status = z.enum(["new", "assigned", "checked", "reviewed", "returned", "closed"]);

const listRules = query(
  {
    operation: "list-suspect-rules",
    path: "/suspect-rules",
    summary: { zh: "数据质量规则", en: "The data-quality rules, each with what it looks at" },
    clauses: ["M-01"],
    allow: everyone,
    reply: z.object({
      items: z.array(
        z.object({
          code: z.string(),
          clause: z.string(),
          level: z.enum(["error", "suspect"]).describe("error: refused at entry"),
          fields: z.array(z.string()),
          zh: z.string(),
          en: z.string(),
        }),
      ),
    }),
    problems: [],
  },
  async () => ({ reply: { items: suspectRules.map(({ check: _, ...rule }) => ({ ...rule, fields: [...rule.fields] })) } }),
);

const listSuspectsRoute = query(
  {
    operation: "list-suspects",
    path: "/suspects",
    summary: { zh: "疑点数据列表", en: "Suspects: data that look wrong" },
    clauses: ["M-01"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional(),
      rule: z.string().max(40).optional(),
      status: Status.optional(),
      open: z.stringbool().optional().describe("Only those not closed"),
      householdId: HouseholdId.optional(),
    }),
    reply: pageOf(SuspectView),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { region, rule, cursor, limit, ...filter }, actor }) => {
    const rows = await listSuspects(tx, {
      ...filter,
      area: rangeOf(region ?? actor.region),
      ruleCode: rule,
      after: afterCursor(cursor),
      limit,
    });
    const page = cutPage(rows, limit, (row) => row.id);
    return { reply: { items: page.items.map(suspectView), next: page.next } };
  },
);

const countSuspectsRoute = query(
  {
    operation: "count-suspects",
    path: "/suspect-counts",
    summary: { zh: "疑点数据按村、规则统计", en: "Suspects by village (by county above a county), rule and step" },
    clauses: ["M-01"],
    allow: everyone,
    query: z.object({ region: Area.optional() }),
    reply: z.object({
      level: z.enum(["village", "county"]),
      items: z.array(z.object({ region: z.string(), ruleCode: z.string(), status: Status, suspects: z.int() })),
    }),
    problems: [],
  },
  async ({ tx, query: { region }, actor }) => {
    const area = region ?? actor.region;
    const level = area.length < 6 ? ("county" as const) : ("village" as const);
    const counts = await countSuspects(tx, rangeOf(area), level === "county" ? 6 : 12);
    return {
      reply: {
        level,
        items: counts.map((count) => ({ ...count, status: Status.parse(count.status) })),
      },
    };
  },
);

const readSuspect = query(
  {
    operation: "read-suspect",
    path: "/suspects/{suspectId}",
    summary: { zh: "查看疑点及办理过程", en: "Read a suspect and the steps taken" },
    clauses: ["M-01"],
    allow: everyone,
    params: z.object({ suspectId: SuspectId }),
    reply: SuspectView.extend({
      steps: z.array(z.object({ step: z.string(), outcome: z.string(), round: z.int(), actor: z.string(), at: z.string() })),
    }),
    problems: ["suspect-not-found"],
  },
  async ({ tx, params }) => {
    const suspect = await findSuspect(tx, params.suspectId);
    if (!suspect) return refuse("suspect-not-found");
    const steps = (await stepsOf(tx, suspectReview.name, suspect.id)).map(({ step, outcome, round, actor, at }) => ({
      step,
      outcome,
      round,
      actor,
      at: at.toISOString(),
    }));
    return { reply: { ...suspectView(suspect), steps } };
  },
);

const sweepSuspects = command(
  {
    method: "post",
    operation: "sweep-suspects",
    path: "/suspect-sweeps",
    summary: { zh: "按规则全面核查本区域数据", en: "Apply the rules to every household of an area" },
    clauses: ["M-01"],
    allow: ["region-officer", "city-officer", "county-officer", "township-officer"],
    body: z.object({ region: Area }),
    reply: z.object({ jobId: z.string() }),
    status: 202,
    problems: ["outside-area"],
  },
  async ({ tx, body, actor }) => {
    const region = body.region.padEnd(12, "0");
    if (!mayReach(actor, region)) return refuse("outside-area");
    return { reply: { jobId: await requestJob(tx, actor, { kind: "suspect-sweep", region, input: { area: body.region } }) } };
  },
);

const chunk = 500;

/** Goes through the households of an area in the order of their ids, a chunk a transaction; killed, it goes on where it was. */
const sweepJob = job({
  kind: "suspect-sweep",
  run: async ({ tx, input, checkpoint, now }) => {
    const { area } = z.object({ area: z.string() }).parse(input);
    const { after } = z.object({ after: z.string().optional() }).parse(checkpoint ?? {});
    const ids = await nextHouseholds(tx, rangeOf(area), after, chunk);
    const { raised, known, vanished } = await checkHouseholds(tx, ids, now);
    const last = ids.at(-1);
    return {
      ...(ids.length === chunk && last !== undefined ? { next: { after: last } } : {}),
      totals: { households: ids.length, raised, known, vanished },
    };
  },
});

export const suspectSlice = slice({
  name: "suspect",
  title: { zh: "疑点核查", en: "Suspects" },
  routes: [
    listRules,
    listSuspectsRoute,
    countSuspectsRoute,
    readSuspect,
    assignSuspect,
    assignSuspects,
    checkSuspect,
    reviewSuspect,
    closeSuspect,
    sweepSuspects,
  ],
  jobs: [sweepJob],
  bulks: suspectBulks,
  readers: [employmentSuspects],
});
