import { z } from "zod";

const Json = z.record(z.string(), z.unknown());
type Json = z.infer<typeof Json>;

/** A service's OpenAPI document, as far as it is taken apart here. */
export const ApiDocument = z.looseObject({
  paths: z.record(z.string(), Json).default({}),
  components: z.record(z.string(), Json).default({}),
  tags: z.array(z.looseObject({ name: z.string() })).default([]),
});
export type ApiDocument = z.infer<typeof ApiDocument>;

const methods = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace"]);

/**
 * One document out of the gateway's own and every service's. Operation ids and tags always carry the service's name, since every service
 * has a `todo`; a component is renamed only where another of that name says something else. Paths outside the service's own are left out.
 */
export function mergeDocuments(own: ApiDocument, parts: readonly { service: string; document: ApiDocument }[]): ApiDocument {
  const merged = structuredClone(own);
  for (const { service, document } of parts) {
    const renamed = renamesFor(service, document.components, merged.components);
    for (const [section, entries] of Object.entries(document.components)) {
      const there = merged.components[section] ?? {};
      merged.components[section] = there;
      for (const [name, value] of Object.entries(entries))
        there[renamed.get(`#/components/${section}/${name}`) ?? name] = pointAt(value, renamed);
    }
    for (const [path, item] of Object.entries(document.paths)) {
      if (path.startsWith(`/api/v1/${service}/`)) merged.paths[path] = ofService(service, item, renamed);
    }
    merged.tags.push(...document.tags.map((tag) => ({ ...tag, name: `${service}/${tag.name}` })));
  }
  return merged;
}

/** The components whose name is taken by something else, and then those that refer to them, until nothing more changes. */
function renamesFor(service: string, components: Record<string, Json>, taken: Record<string, Json>): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>();
  let before: number;
  do {
    before = renamed.size;
    for (const [section, entries] of Object.entries(components)) {
      for (const [name, value] of Object.entries(entries)) {
        const there = taken[section]?.[name];
        if (there !== undefined && JSON.stringify(there) !== JSON.stringify(pointAt(value, renamed)))
          renamed.set(`#/components/${section}/${name}`, `${service}.${name}`);
      }
    }
  } while (renamed.size > before);
  return renamed;
}

/** A path of one service: its operations named and tagged by the service, its references moved along. */
function ofService(service: string, item: Json, renamed: ReadonlyMap<string, string>): Json {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => {
      const operation = Json.safeParse(value);
      if (!methods.has(key) || !operation.success) return [key, pointAt(value, renamed)];
      const { operationId, tags, security, ...rest } = operation.data;
      return [
        key,
        {
          ...(typeof operationId === "string" ? { operationId: `${service}.${operationId}` } : {}),
          tags: Array.isArray(tags) ? tags.map((tag) => `${service}/${String(tag)}`) : [service],
          ...(Array.isArray(security) ? { security: security.map((one) => requirement(one, renamed)) } : {}),
          ...Json.parse(pointAt(rest, renamed)),
        },
      ];
    }),
  );
}

/** Security requirements name their scheme without a reference. */
function requirement(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  const schemes = Json.safeParse(value);
  if (!schemes.success) return value;
  return Object.fromEntries(
    Object.entries(schemes.data).map(([name, scopes]) => [renamed.get(`#/components/securitySchemes/${name}`) ?? name, scopes]),
  );
}

/** A copy in which every reference to a renamed component follows it; a discriminator's mapping refers by plain strings. */
function pointAt(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    const name = renamed.get(value);
    return name === undefined ? value : value.slice(0, value.lastIndexOf("/") + 1) + name;
  }
  if (Array.isArray(value)) return value.map((one) => pointAt(one, renamed));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, pointAt(one, renamed)]));
}
