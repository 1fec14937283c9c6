import { problems } from "@shouwang/contract";
import { findClause } from "@shouwang/plan";
import { openApiDocument, type Route, routesOf } from "@shouwang/service-kit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Entry, openQuestions } from "../compare-record.ts";
import { departments, testServices } from "./subjects.ts";

const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string(), "x-roles": z.array(z.string()) }))),
});
const han = /\p{Script=Han}/u;
const inBoth = ({ zh, en }: { zh: string; en: string }) => han.test(zh) && /[A-Za-z]/.test(en) && !han.test(en);

/** What is missing from a declared route, a sentence each. */
const faultsOf = (route: Route<unknown>, isPlatform: boolean): string[] => [
  ...(inBoth(route.summary) ? [] : ["its summary is not in Chinese and English"]),
  ...(/^[a-z]+(-[a-z]+)*$/.test(route.operation) ? [] : ["its operation is not kebab-case"]),
  ...(route.allow.length > 0 ? [] : ["nobody may call it"]),
  ...(isPlatform || route.clauses.length > 0 ? [] : ["it names no clause"]),
  ...route.clauses.filter((clause) => !findClause(clause)).map((clause) => `there is no clause ${clause}`),
  ...route.problems.filter((code) => !inBoth(problems[code])).map((code) => `${code} is not said in both languages`),
];

describe.each(departments)("what $name declares", ({ service }) => {
  test("is named in both languages, serves clauses that there are, and is open to somebody", () => {
    for (const { tag, title, routes } of routesOf(service)) {
      expect(inBoth(title), tag).toBe(true);
      for (const route of routes) expect([route.operation, faultsOf(route, tag === "platform")]).toEqual([route.operation, []]);
    }
    expect(inBoth(service.title)).toBe(true);
    expect([service.deadlineOverdue.service, service.auditHead.service]).toEqual([service.name, service.name]);
  });

  test("is in its OpenAPI document, each route once, with its offices", () => {
    const { paths } = Document.parse(JSON.parse(JSON.stringify(openApiDocument(service))));
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => `${method} ${path} ${operation.operationId} ${operation["x-roles"]}`),
    );
    const declared = routesOf(service).flatMap(({ routes }) =>
      routes.map(({ method, path, operation, allow }) => `${method} /api/v1/${service.name}${path} ${operation} ${allow}`),
    );
    expect(documented.sort()).toEqual(declared.sort());
  });
});

describe("the checks of a declaration bite", () => {
  const [clinic] = testServices;
  const route = clinic?.service.slices[0]?.routes?.find(({ operation }) => operation === "record-test-visit");
  if (!clinic || !route) throw new Error("the clinic records visits");

  test.each<[string, Partial<Route<unknown>>]>([
    ["its summary is not in Chinese and English", { summary: { zh: "Visit", en: "Visit" } }],
    ["its operation is not kebab-case", { operation: "recordVisit" }],
    ["nobody may call it", { allow: [] }],
    ["it names no clause", { clauses: [] }],
    ["there is no clause X-99", { clauses: ["X-99"] }],
  ])("%s", (fault, sin) => {
    expect(faultsOf({ ...route, clauses: ["S-01"] }, false)).toEqual([]);
    expect(faultsOf({ ...route, clauses: ["S-01"], ...sin }, false)).toEqual([fault]);
  });

  const problem = (operation: string, code: string): Entry => ({
    channel: "problem",
    service: "social",
    operation,
    code,
  });
  const event = (type: string): Entry => ({ channel: "outbox", database: "social", type });
  /** Every problem that the clinic's routes declare, as if each had been provoked. */
  const all = routesOf(clinic.service).flatMap(({ routes }) =>
    routes.flatMap(({ operation, problems: codes }) => codes.map((code) => problem(operation, code))),
  );
  const withoutConflict = all.filter(
    (entry) => !("code" in entry && entry.operation === "record-test-visit" && entry.code === "state-conflict"),
  );
  test.each<[string, Entry[]]>([
    ["social record-test-visit declares state-conflict, which no test has provoked", withoutConflict],
    [
      "social record-test-visit answered version-mismatch, which it does not declare",
      [...all, problem("record-test-visit", "version-mismatch")],
    ],
    ["social sent funds.audit.head-published.v1, an event of funds", [...all, event("funds.audit.head-published.v1")]],
    ["social sent social.rumour.heard.v1, which is not in the contract", [...all, event("social.rumour.heard.v1")]],
  ])("%s", (question, seen) => {
    expect(openQuestions([clinic.service], [...all, event("social.audit.head-published.v1")])).toEqual([]);
    expect(openQuestions([clinic.service], seen)).toEqual([question]);
  });
});
