/** One change as it was recorded: new values by field, and what they rest on. */
export type RecordedChange = {
  version: number;
  changed: Readonly<Record<string, { from: unknown; to: unknown }>>;
  source: string;
  department: string | null;
  document: string | null;
  dataDate: string | null;
  by: string;
  at: Date;
};

export type Origin = Omit<RecordedChange, "changed" | "version">;
export type FieldOrigin = Origin & { field: string };

/** Parts of a value that have origins of their own: housing may come from one department and water from another. */
const parts = (field: string, change: { from: unknown; to: unknown }): string[] => {
  const [from, to] = [change.from, change.to];
  if (typeof from !== "object" || typeof to !== "object" || from === null || to === null || Array.isArray(to)) return [field];
  const before = new Map(Object.entries(from));
  return Object.entries(to)
    .filter(([key, value]) => JSON.stringify(before.get(key)) !== JSON.stringify(value))
    .map(([key]) => `${field}.${key}`);
};

/**
 * Where the present value of each field comes from: the last change of it, else the registration.
 * @param changes oldest first
 */
export function originsOf(fields: readonly string[], changes: readonly RecordedChange[], registered: Origin): FieldOrigin[] {
  const origins = new Map<string, Origin>(fields.map((field) => [field, registered]));
  for (const { changed, version: _, ...origin } of changes)
    for (const [field, change] of Object.entries(changed))
      for (const part of parts(field, change)) if (origins.has(part)) origins.set(part, origin);
  return [...origins].map(([field, origin]) => ({ field, ...origin }));
}
