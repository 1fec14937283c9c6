/** What stands where a name or a number stood. */
export const gone = "(已销毁)";

/** The values as one pattern, longest first, so that a number goes before a part of it; undefined where there is none. Understood alike by JavaScript and PostgreSQL. */
export function patternOf(values: readonly string[]): string | undefined {
  const whole = [...new Set(values.filter((value) => value.length > 1))].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return whole.length === 0 ? undefined : whole.map((value) => value.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|");
}

/** A record without these values in any of its texts; where `all`, without any of its texts. Its shape stays, so that it opens as before. */
export function redact(record: unknown, pattern: string | undefined, all: boolean): unknown {
  if (typeof record === "string") {
    if (all) return gone;
    return pattern === undefined ? record : record.replaceAll(new RegExp(pattern, "gi"), gone);
  }
  if (Array.isArray(record)) return record.map((one) => redact(one, pattern, all));
  if (typeof record !== "object" || record === null) return record;
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, redact(value, pattern, all)]));
}
