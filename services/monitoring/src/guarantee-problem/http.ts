import { HouseholdChanged, refuse } from "@shouwang/contract";
import { rangeOf } from "@shouwang/regions";
import {
  afterCursor,
  type BusinessDate,
  cutPage,
  everyone,
  PageQuery,
  pageOf,
  parameterFor,
  type Tx,
} from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { SourceEntry, sourceOf } from "../household/change-source.ts";
import { checkStaying } from "../household/roster-decide.ts";
import { moveInTheWay } from "../household/roster-store.ts";
import { type Household, lockHousehold, saveHousehold, stateOf } from "../household/store.ts";
import { clause, command, query, slice } from "../kit.ts";
import { isFileOf } from "../measure/store.ts";
import { checkEntry } from "../suspect/run.ts";
import { dueOf, type Guarantee, guarantees } from "./decide.ts";
import { countOpen, countProblems, findProblem, type GuaranteeProblem, listProblems, lockProblem, saveProof } from "./store.ts";

const Area = z
  .string()
  .regex(/^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$/)
  .describe("Division code or prefix");
const Kind = z.enum(Object.keys(guarantees) as [Guarantee, ...Guarantee[]]); // Safe: the list has entries.

const ProblemView = z.object({
  problemId: z.string(),
  householdId: z.string(),
  region: z.string(),
  guarantee: Kind,
  title: z.object({ zh: z.string(), en: z.string() }),
  since: z.string().describe("Day it was found, or the department's data are of"),
  source: z.string(),
  document: z.string().nullable(),
  toAct: z.string().describe("Department that is to act"),
  dueOn: z.string(),
  overdue: z.boolean(),
  status: z.enum(["open", "met", "ended"]).describe("ended: the household was closed or merged"),
  closedOn: z.string().nullable(),
  closingSource: z.string().nullable(),
  closingDocument: z.string().nullable(),
  proofFileId: z.string().nullable(),
});

const daysFor = async (tx: Tx<DB>, region: string, today: BusinessDate): Promise<number> =>
  (await parameterFor(tx, "guarantee.days", region.padEnd(12, "0"), today)).value;

const problemView = (
  { id, ...problem }: GuaranteeProblem,
  given: { days: number; today: BusinessDate },
): z.input<typeof ProblemView> => {
  const { zh, en, department } = guarantees[problem.guarantee];
  const { dueOn, overdue } = dueOf(problem.since, given);
  return {
    ...problem,
    problemId: id,
    title: { zh, en },
    toAct: department,
    dueOn,
    overdue: problem.status === "open" && overdue,
  };
};

const listProblemsRoute = query(
  {
    operation: "list-guarantee-problems",
    path: "/guarantee-problems",
    summary: { zh: "“三保障”及饮水安全问题清单", en: "Open problems of the three guarantees and water" },
    clauses: ["M-01"],
    allow: everyone,
    query: PageQuery.extend({
      region: Area.optional(),
      guarantee: Kind.optional(),
      open: z.stringbool().default(true).describe("Open ones, or those that were closed"),
    }),
    reply: pageOf(ProblemView),
    exports: {},
    problems: [],
  },
  async ({ tx, query: { region, guarantee, open, cursor, limit }, actor, today }) => {
    const area = region ?? actor.region;
    const days = await daysFor(tx, area, today);
    const rows = await listProblems(tx, { area: rangeOf(area), guarantee, open, after: afterCursor(cursor), limit });
    const page = cutPage(rows, limit, (row) => row.id);
    return { reply: { items: page.items.map((problem) => problemView(problem, { days, today })), next: page.next } };
  },
);

const countProblemsRoute = query(
  {
    operation: "count-guarantee-problems",
    path: "/guarantee-problem-counts",
    summary: { zh: "保障问题按村动态清零", en: "Guarantee problems per village (per county above a county), to zero" },
    clauses: ["M-01"],
    allow: everyone,
    query: z.object({ region: Area.optional() }),
    reply: z.object({
      level: z.enum(["village", "county"]),
      open: z.int(),
      items: z.array(
        z.object({
          region: z.string(),
          guarantee: Kind,
          open: z.int(),
          overdue: z.int(),
          met: z.int().describe("Solved so far"),
        }),
      ),
    }),
    problems: [],
  },
  async ({ tx, query: { region }, actor, today }) => {
    const area = region ?? actor.region;
    const level = area.length < 6 ? ("county" as const) : ("village" as const);
    const days = await daysFor(tx, area, today);
    const items = await countProblems(tx, { area: rangeOf(area), digits: level === "county" ? 6 : 12, days, today });
    return { reply: { level, open: items.reduce((sum, item) => sum + item.open, 0), items } };
  },
);

const closeProblem = command(
  {
    method: "post",
    operation: "close-guarantee-problem",
    path: "/guarantee-problems/{problemId}/closure",
    summary: { zh: "保障问题销号(须有佐证)", en: "Close a guarantee problem by a recorded change, with its proof" },
    clauses: ["M-01"],
    allow: ["county-officer", "township-officer", "village-officer"],
    params: z.object({ problemId: z.uuidv7() }),
    body: z.object({
      ...SourceEntry,
      document: z.string().trim().min(2).max(120).describe("What proves that it is solved"),
      fileId: z.uuidv7().optional().describe("The proof itself, a file of the household"),
    }),
    reply: ProblemView.extend({ householdVersion: z.int() }),
    problems: ["guarantee-problem-not-found", "guarantee-problem-closed", "household-moving", "invalid-input"],
  },
  async ({ tx, params, body, actor, now, today }) => {
    const seen = await findProblem(tx, params.problemId);
    if (!seen) return refuse("guarantee-problem-not-found");
    // A household that left the area while we waited for it took its problems along.
    const before = await lockHousehold(tx, seen.householdId);
    if (!before) return refuse("guarantee-problem-not-found");
    const problem = await lockProblem(tx, seen.id);
    // It ends with its household: an open one is of an active household.
    if (problem?.status !== "open") return refuse("guarantee-problem-closed");
    const stuck = checkStaying(await moveInTheWay(tx, before.id, "record"));
    if (stuck) return stuck;
    if (body.fileId !== undefined && !(await isFileOf(tx, body.fileId, before.id)))
      return refuse("invalid-input", {
        errors: [
          { pointer: "/fileId", rule: "file-of-household", zh: "没有该户的这份文件", en: "No such file of the household" },
        ],
      });
    const after: Household = {
      ...before,
      guarantees: { ...before.guarantees, [problem.guarantee]: true },
      version: before.version + 1,
    };
    await saveHousehold(tx, before, after, sourceOf(body, { actor, now }));
    await checkEntry(tx, after, now);
    await saveProof(tx, problem.id, body.fileId ?? null);
    const closed = (await findProblem(tx, problem.id)) ?? problem;
    const days = await daysFor(tx, before.region, today);
    return {
      reply: { ...problemView(closed, { days, today }), householdVersion: after.version },
      events: [HouseholdChanged.of(after.id, after.version, after.region, stateOf(after))],
    };
  },
);

/** M-01: what the checks of households found and nobody has solved yet. */
const guaranteesOpen = clause({
  clause: "M-01",
  read: async ({ tx, now }) => [
    {
      code: "M-01-guarantees",
      clause: "M-01",
      title: { zh: "未解决的“三保障”及饮水安全问题", en: "Open problems of the three guarantees and water" },
      unit: "problems",
      value: await countOpen(tx),
      target: 0,
      direction: "=",
      asOf: now.toISOString(),
      list: "/api/v1/monitoring/guarantee-problems",
    },
  ],
});

export const guaranteeProblemSlice = slice({
  name: "guarantee-problem",
  title: { zh: "三保障和饮水问题", en: "Problems of the guarantees" },
  routes: [listProblemsRoute, countProblemsRoute, closeProblem],
  clauses: [guaranteesOpen],
});
