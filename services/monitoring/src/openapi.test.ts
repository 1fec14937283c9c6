import { problems } from "@shouwang/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { monitoring } from "./index.ts";
import { type Office, startOffice } from "./office.testing.ts";

const Operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  description: z.string(),
  responses: z.record(z.string(), z.unknown()),
});
const Document = z.object({ openapi: z.string(), paths: z.record(z.string(), z.record(z.string(), Operation)) });

let office: Office;
let document: z.infer<typeof Document>;
beforeAll(async () => {
  office = await startOffice();
  const reply = await office.as("operator", "45").get("/openapi.json");
  expect(reply.status, JSON.stringify(reply.json)).toBe(200);
  document = Document.parse(reply.json);
});
afterAll(() => office.stop());

const operations = () => Object.values(document.paths).flatMap((methods) => Object.values(methods));

describe("the department's API document", () => {
  test("names every declared route once, in both languages, with its offices and its problems", () => {
    const declared = monitoring.slices.flatMap((slice) => slice.routes ?? []);
    const byId = new Map(operations().map((operation) => [operation.operationId, operation]));
    for (const route of declared) {
      const operation = byId.get(route.operation);
      expect(operation, route.operation).toBeDefined();
      expect(operation?.summary).toBe(`${route.summary.zh} · ${route.summary.en}`);
      for (const role of route.allow) expect(operation?.description).toContain(role);
      for (const code of route.problems)
        expect(operation?.responses, `${route.operation} ${code}`).toHaveProperty(String(problems[code].status));
    }
    expect(new Set(operations().map((operation) => operation.operationId)).size).toBe(operations().length);
  });

  test("every route names the clauses it serves, and only clauses there are", () => {
    for (const route of monitoring.slices.flatMap((slice) => slice.routes ?? [])) {
      expect(route.clauses.length, route.operation).toBeGreaterThan(0);
      for (const clause of route.clauses) expect(clause).toMatch(/^[A-Z]-\d{2}[a-c]?$/);
    }
  });
});
