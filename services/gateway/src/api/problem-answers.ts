import { type ProblemCode, problems } from "@shouwang/contract";
import { ProblemDocument } from "@shouwang/service-kit";

const schema = ProblemDocument.openapi("ProblemDocument");

/** The OpenAPI responses of a route for the problems it can answer with; codes of one status stand together. */
export function problemAnswers(...codes: readonly ProblemCode[]) {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      { description: ofStatus.join(" | "), content: { "application/problem+json": { schema } } },
    ]),
  );
}
