import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { lintOpenApi } from "../openapi-lint.ts";

const Json = z.record(z.string(), z.unknown());
const Operation = z.looseObject({ operationId: z.string(), responses: z.record(z.string(), z.looseObject({})) });
const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  tags: z.array(Json),
  components: z.looseObject({ examples: z.record(z.string(), z.looseObject({ value: Json })) }),
});
type Document = z.infer<typeof Document>;
const committed = readFileSync(new URL("../../services/gateway/openapi.json", import.meta.url), "utf8");

const operations = (document: Document) => Object.values(document.paths).flatMap((path) => Object.values(path));
const first = (document: Document) => {
  const [operation] = operations(document);
  if (!operation) throw new Error("the document has no operation");
  return operation;
};

/** One planted violation per rule that the house leans on most: what is done to the document, and the rule that must notice. */
const planted: [rule: string, sin: (document: Document) => unknown][] = [
  ["operation-description", (document) => Reflect.deleteProperty(first(document), "description")],
  ["operation-summary", (document) => Reflect.deleteProperty(first(document), "summary")],
  ["operation-operationId-unique", (document) => operations(document).map((one) => Object.assign(one, { operationId: "same" }))],
  ["operation-4xx-response", (document) => Object.assign(first(document), { responses: { 200: { description: "fine" } } })],
  [
    "operation-4xx-problem-details-rfc7807",
    (document) => Object.assign(first(document).responses["401"] ?? {}, { content: { "application/json": {} } }),
  ],
  ["security-defined", (document) => Object.assign(first(document), { security: [{ somebody: [] }] })],
  ["operation-tag-defined", (document) => Object.assign(first(document), { tags: ["unheard-of"] })],
  ["tag-description", (document) => Reflect.deleteProperty(document.tags[0] ?? {}, "description")],
  [
    "no-invalid-media-type-examples",
    (document) => Reflect.deleteProperty(document.components.examples["not-signed-in"]?.value ?? {}, "title"),
  ],
];

describe("each rule for OpenAPI documents bites", () => {
  test("and the document as it is keeps them all", async () => {
    expect(await lintOpenApi(committed, "openapi.json")).toEqual([]);
  });
  test.each(planted)("%s", async (rule, sin) => {
    const document = Document.parse(JSON.parse(committed));
    sin(document);
    const found = await lintOpenApi(JSON.stringify(document), "openapi.json");
    expect(found.map(({ ruleId }) => ruleId)).toContain(rule);
  });
});
