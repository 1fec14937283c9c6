import { z } from "zod";

/**
 * The same schema, refusing fields that it does not name, however deep they stand: a misspelt optional field must not be dropped in silence,
 * and nobody may slip in one that a later version of the code reads. Objects that say themselves what they do with other fields keep to it.
 */
export function strictly(schema: z.ZodObject | undefined): z.ZodObject | undefined {
  // Safe: an object schema is cloned with its own parts made strict; kind, checks and types stay the same.
  return schema && (rebuilt(schema) as z.ZodObject);
}

function rebuilt(schema: z.core.$ZodType): z.core.$ZodType {
  const clone = (changed: object): z.core.$ZodType => z.core.clone(schema, { ...schema._zod.def, ...changed }, { parent: true });
  if (schema instanceof z.ZodObject) {
    const shape = Object.fromEntries(Object.entries(schema.shape).map(([name, field]) => [name, rebuilt(field)]));
    return clone({ shape, catchall: schema.def.catchall ?? z.never() });
  }
  if (schema instanceof z.ZodArray) return clone({ element: rebuilt(schema.def.element) });
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return clone({ innerType: rebuilt(schema.def.innerType) });
  if (schema instanceof z.ZodUnion) return clone({ options: schema.def.options.map((option) => rebuilt(option)) });
  if (schema instanceof z.ZodPipe) return clone({ in: rebuilt(schema.def.in) });
  return schema;
}
