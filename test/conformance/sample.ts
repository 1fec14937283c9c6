import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";

/** JSON Schema as zod writes it, as far as it is read here. */
const JsonSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.number().optional(),
});

/** What a client may send for a schema, before zod's defaults and conversions. */
export const jsonSchemaOf = (schema: z.ZodType): unknown => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });

/** A value that has the form a schema asks for, its required fields alone; rules that only code states it may break. */
export function sampleOf(jsonSchema: unknown): unknown {
  const schema = JsonSchema.parse(jsonSchema);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [option] = schema.anyOf ?? schema.oneOf ?? [];
  if (option !== undefined) return sampleOf(option);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case "string":
      return textFor(schema);
    case "integer":
    case "number":
      return schema.minimum ?? (schema.exclusiveMinimum === undefined ? 1 : schema.exclusiveMinimum + 1);
    case "boolean":
      return true;
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items));
    case "object":
      return Object.fromEntries((schema.required ?? []).map((name) => [name, sampleOf(schema.properties?.[name] ?? {})]));
    default:
      return 1;
  }
}

function textFor({ format, pattern, minLength = 1 }: z.infer<typeof JsonSchema>): string {
  if (format === "uuid") return uuidv7();
  if (format === "date") return "2022-08-15";
  if (format === "date-time") return "2022-08-15T09:00:00Z";
  if (pattern === undefined) return "甲".repeat(Math.max(1, minLength));
  const [text = ""] = fc.sample(fc.stringMatching(new RegExp(pattern)), { numRuns: 1, seed: 1 });
  return text;
}

/** A body for each object that a schema reaches through fields and lists, in which that object alone holds a field nobody declared. */
export function strangersIn(jsonSchema: unknown): { body: unknown; pointer: string }[] {
  const schema = JsonSchema.parse(jsonSchema);
  if (schema.items !== undefined)
    return strangersIn(schema.items).map(({ body, pointer }) => ({ body: [body], pointer: `/0${pointer}` }));
  if (!schema.properties) return [];
  const inner = Object.entries(schema.properties).flatMap(([name, field]) =>
    strangersIn(field).map(({ body, pointer }) => ({ body: { [name]: body }, pointer: `/${name}${pointer}` })),
  );
  return [{ body: { unheardOf: 1 }, pointer: "/unheardOf" }, ...inner];
}

/** The numbers a query may not exceed, by name. */
export function limitsIn(jsonSchema: unknown): { name: string; maximum: number }[] {
  return Object.entries(JsonSchema.parse(jsonSchema).properties ?? {}).flatMap(([name, field]) => {
    const { maximum } = JsonSchema.parse(field);
    return maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? [] : [{ name, maximum }];
  });
}
