import type { z } from "@hono/zod-openapi";
import { type ProblemCode, problems } from "@shouwang/contract";
import { ProblemDocument } from "./problem.ts";

/** The OpenAPI responses for the problems a route can answer with; codes of one status stand together, each with an example. */
export function problemAnswers(codes: readonly ProblemCode[]) {
  const byStatus = Map.groupBy(new Set(codes), (code) => problems[code].status);
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, ofStatus]) => [
        status,
        {
          description: ofStatus.map((code) => `\`${code}\` ${titleOf(code)}`).join("  \n"),
          content: {
            "application/problem+json": {
              schema: ProblemDocument,
              examples: Object.fromEntries(ofStatus.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
            },
          },
        },
      ]),
  );
}

/** Adds to a document's components the examples that its problem answers refer to. */
export function withProblemExamples<D extends { components?: object }>(document: D): D {
  const used = new Set([...JSON.stringify(document).matchAll(/"#\/components\/examples\/([\w-]+)"/g)].map(([, code]) => code));
  const examples = Object.keys(problems)
    .filter((code): code is ProblemCode => used.has(code))
    .map((code) => [code, { summary: titleOf(code), value: exampleOf(code) }]);
  return { ...document, components: { ...document.components, examples: Object.fromEntries(examples) } };
}

const titleOf = (code: ProblemCode): string => `${problems[code].zh} · ${problems[code].en}`;

function exampleOf(code: ProblemCode): z.infer<typeof ProblemDocument> {
  const definition: { status: number; zh: string; en: string; clause?: string } = problems[code];
  return {
    type: `/problems/${code}`,
    title: definition.zh,
    status: definition.status,
    code,
    instance: "/api/v1/…",
    ...(definition.clause === undefined ? {} : { clause: definition.clause }),
    en: { title: definition.en },
    ...(code === "invalid-input" ? { errors: [{ pointer: "/region", rule: "required", zh: "必填", en: "Required" }] } : {}),
  };
}
