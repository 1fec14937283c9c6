import { describe, expect, it } from "vitest";
import { z } from "zod";
import { allEvents, jsonSchemaOf } from "../index.ts";

/** Words no field of the public stream may have in its name: what identifies or locates somebody, and what invites a sentence. */
const refusedWords = new Set(
  "name surname phone mobile telephone identity account payee bank address street text note notes remark remarks comment description message email birth birthday lat lng latitude longitude gps photo signature password".split(
    " ",
  ),
);
const wordsOf = (field: string) => field.split(/(?=[A-Z])|[-_]/).map((word) => word.toLowerCase());

/** What a careless form would send: none of it may fit a field of the public stream. */
const personal = [
  "示例人甲",
  "000000190001010008",
  "00000019000101000X",
  "19900000000",
  "000000000000000000",
  "家里困难, 请尽快帮扶",
  "lives behind the school",
];

type Field = {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  description?: string;
  [key: string]: unknown;
};

/** Each property and array item below a JSON Schema, with its path. */
function* fieldsOf(schema: unknown, path = ""): Generator<[string, Field]> {
  if (schema === null || typeof schema !== "object") return;
  // Safe: a JSON Schema node is an object, and every member read from it is checked before use.
  const node = schema as Field;
  for (const [name, field] of Object.entries(node["properties"] ?? {})) {
    yield [`${path}/${name}`, field];
    yield* fieldsOf(field, `${path}/${name}`);
  }
  for (const part of [node["items"], ...(Array.isArray(node["anyOf"]) ? node["anyOf"] : [])]) {
    if (part) yield [`${path}/*`, part as Field];
    yield* fieldsOf(part, `${path}/*`);
  }
}

/** What is wrong with a schema on the public stream; empty when nothing is. */
function objections(schema: z.ZodObject): string[] {
  const found: string[] = [];
  for (const [path, field] of fieldsOf(jsonSchemaOf(schema))) {
    const name = path.split("/").findLast((step) => step !== "*") ?? "";
    if (wordsOf(name).some((word) => refusedWords.has(word))) found.push(`${path}: refused name`);
    if (Object.keys(field).every((key) => key.startsWith("x-") || key === "description")) found.push(`${path}: anything goes`);
    if (field["additionalProperties"] && typeof field["additionalProperties"] === "object") found.push(`${path}: open record`);
    if ([field.type].flat().includes("array") && typeof field["maxItems"] !== "number") found.push(`${path}: unbounded list`);
    if (![field.type].flat().includes("string") || field.enum || field.const) continue;
    if (field.format === "date" || field.format === "date-time") continue;
    const { pattern } = field;
    if (!pattern) found.push(`${path}: free text`);
    else if (personal.some((value) => new RegExp(pattern).test(value)))
      found.push(`${path}: its pattern lets personal data through`);
  }
  return found;
}

describe.each(allEvents().map((event) => [event.type, event] as const))("%s", (_type, event) => {
  it("has no field for personal data or free text", () => {
    expect(objections(event.schema)).toEqual([]);
  });

  it("says of each field what it is, and of ids of people and households that they are pseudonymous", () => {
    for (const [path, field] of fieldsOf(jsonSchemaOf(event.schema))) {
      if (path.endsWith("*")) continue;
      const described = [field, ...(Array.isArray(field["anyOf"]) ? field["anyOf"] : [])];
      expect(
        described.some(({ description }) => typeof description === "string"),
        `${path} is described`,
      ).toBe(true);
      const leads =
        /\/(personId|householdId|mergedInto|splitFrom|submitter|approver)$/.test(path) &&
        !/lead/.test(String(field.description).toLowerCase());
      expect([path, field["x-personal-data"]]).toEqual([path, leads ? "pseudonymous" : "none"]);
    }
  });
});

describe("the check itself", () => {
  it.each([
    ["a name", z.object({ headName: z.enum(["x"]) })],
    ["a phone", z.object({ phone: z.string().regex(/^1\d{10}$/) })],
    ["free text", z.object({ reason: z.string().max(200) })],
    ["free text in a list", z.object({ reasons: z.array(z.string()).max(3) })],
    ["free text behind null", z.object({ reason: z.string().nullable() })],
    ["free text deep inside", z.object({ item: z.object({ reason: z.string() }) })],
    ["an identity number", z.object({ reference: z.string().regex(/^\d{17}[\dX]$/) })],
    ["an open record", z.object({ more: z.record(z.string(), z.string()) })],
    ["anything", z.object({ more: z.unknown() })],
    ["an unbounded list", z.object({ kinds: z.array(z.enum(["a"])) })],
  ])("refuses %s", (_what, schema) => {
    expect(objections(schema)).not.toEqual([]);
  });
});
