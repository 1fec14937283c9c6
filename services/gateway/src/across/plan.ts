import { createRoute, z } from "@hono/zod-openapi";
import { Bilingual } from "@shouwang/contract";
import { type Clause, clauses, type Target, targetsOf } from "@shouwang/plan";
import { IndicatorView, type Principal, problemAnswers } from "@shouwang/service-kit";
import type { Asked } from "../ask.ts";
import { type Departments, notYetBuilt } from "../departments.ts";

/** A department's own report, as every service answers it at `/clauses`. */
export const ClausesReport = z.object({
  asOf: z.string(),
  clauses: z.array(z.object({ clause: z.string(), indicators: z.array(IndicatorView) })),
});
type Report = { service: string; asked: Asked<z.infer<typeof ClausesReport>> };

const TargetView = z.object({
  code: z.string(),
  target: z.number().nullable().describe("null while the earlier figure it is measured against is not loaded"),
  unit: z.string(),
  direction: z.enum([">=", ">", "="]),
  scope: z.array(z.string()),
  due: z.string().optional(),
});

const ClauseView = z.object({
  id: z.string(),
  owner: z.string(),
  kind: z.array(z.string()),
  title: Bilingual,
  summary: Bilingual,
  state: z.enum(["live", "not-built", "unknown"]),
  note: Bilingual.optional(),
  asOf: z.string().nullable().describe("When its department answered; null when nobody did"),
  targets: z.array(TargetView).describe("What the plan itself asks for, whoever is to reach it"),
  indicators: z.array(IndicatorView),
});

/** The plan as it stands: every clause with its live figures. */
export const planRoute = createRoute({
  method: "get",
  path: "/api/v1/plan",
  operationId: "read-plan",
  tags: ["across"],
  summary: "方案条款与实时指标 · Every clause of the plan with its live figures",
  description: "由各部门按本人权限答复 · Each department answers under the caller's own rights",
  security: [{ oidc: [] }],
  responses: {
    ...problemAnswers(["not-signed-in", "dependency-unavailable"]),
    200: {
      description: "All 74 clauses; a department that is down leaves its own unknown and nobody else's",
      content: { "application/json": { schema: z.object({ asOf: z.string(), clauses: z.array(ClauseView) }) } },
    },
  },
});

/**
 * Puts the departments' reports under the plan's clauses. A clause is live when its owner's running service reports it; one of the platform
 * itself (G-01, G-02) when any department does. Where a service names no target, the plan's own is taken.
 */
export function planAsItStands(
  departments: Departments,
  reports: readonly Report[],
  caller: Principal,
): z.infer<typeof ClauseView>[] {
  return clauses.map((clause) => {
    const asked = clause.owner === "platform" ? reports : reports.filter(({ service }) => service === clause.owner);
    const told = asked.flatMap(({ asked: answer }) =>
      answer.state === "ok"
        ? answer.body.clauses.filter((one) => one.clause === clause.id).map((one) => ({ ...one, asOf: answer.body.asOf }))
        : [],
    );
    const silent = asked.find(({ asked: answer }) => answer.state !== "ok");
    const state = told.length > 0 ? "live" : silent ? "unknown" : "not-built";
    const note =
      state === "unknown" ? unreachable(departments, silent?.service) : state === "not-built" ? notYetBuilt : undefined;
    return {
      id: clause.id,
      owner: clause.owner,
      kind: [...clause.kind],
      title: clause.title,
      summary: clause.summary,
      state,
      ...(note ? { note } : {}),
      asOf: told.map(({ asOf }) => asOf).sort()[0] ?? null,
      targets: targetsOf(clause.id).map((target) => ({
        code: target.code,
        target: figureOf(target),
        unit: target.unit,
        direction: target.direction,
        scope: [...target.scope],
        ...(target.due ? { due: target.due } : {}),
      })),
      indicators: told.flatMap(({ indicators }) => indicators.map((indicator) => withTarget(indicator, clause, caller))),
    };
  });
}

function unreachable(departments: Departments, service: string | undefined): Bilingual {
  const title = departments.all.find((office) => office.service === service)?.title ?? { zh: "部门", en: "The department" };
  return { zh: `${title.zh}暂时无法连接`, en: `${title.en} cannot be reached` };
}

/** A target as one number: a ratio as its quotient; null where it is an earlier figure, which only the department has loaded. */
function figureOf({ target }: Target): number | null {
  if (typeof target === "number") return target;
  return "baseline" in target ? null : target.numerator / target.denominator;
}

const levels: Record<number, Target["scope"][number]> = { 2: "region", 4: "city", 6: "county" };

/**
 * An indicator with the plan's target of the same code where the service gave none. A share is asked of every area alike; a number is
 * asked of one level only, and must not be held against a smaller area's figure.
 */
function withTarget(indicator: z.infer<typeof IndicatorView>, clause: Clause, caller: Principal): z.infer<typeof IndicatorView> {
  const target = clause.targets.find(({ code }) => code === indicator.code);
  if (indicator.target !== null || !target) return indicator;
  const level = levels[caller.region.length];
  if (target.unit !== "ratio" && (level === undefined || !target.scope.includes(level))) return indicator;
  return { ...indicator, target: figureOf(target), direction: indicator.direction ?? target.direction };
}
