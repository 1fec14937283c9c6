import { setImmediate as turn } from "node:timers/promises";
import { type RowReason, readSheet, SheetRefusal } from "@shouwang/service-kit";
import { importLimits } from "./layout.ts";
import type { ImportRow } from "./read-household.ts";

/** The rows of one household as they stand together in the file, and what is wrong with them as part of the whole file. */
export type Group = { rows: ImportRow[]; reasons: Map<number, RowReason> };

/**
 * The households of a file, one after another. Rows of one household stand together: a number that comes again further down, and a person who stood in an earlier
 * row, are reasons against those rows. Only numbers already seen are kept in memory. Throws SheetRefusal when the file turns out broken.
 */
async function* groupsOf(content: Buffer): AsyncGenerator<Group> {
  const sheet = await readSheet(content, importLimits);
  if (!sheet.ok) throw new SheetRefusal(sheet);
  const seenHouseholds = new Map<string, number>();
  const seenPeople = new Map<string, number>();
  let group: Group | undefined;
  let current = "";
  for await (const row of sheet.rows) {
    const { householdNo = "", identityNumber = "", village = "" } = row.cells;
    const key = `${village} ${householdNo}`;
    if (group && key !== current) {
      yield group;
      group = undefined;
    }
    if (!group) {
      group = { rows: [], reasons: new Map() };
      current = key;
      const before = seenHouseholds.get(key);
      if (before !== undefined) group.reasons.set(row.line, scattered(before));
      seenHouseholds.set(key, before ?? row.line);
    }
    const person = personKeyOf(identityNumber);
    const before = person === "" ? undefined : seenPeople.get(person);
    // Twice in one household is for the household's own rules to say.
    if (before !== undefined && before < (group.rows[0]?.line ?? row.line)) group.reasons.set(row.line, twice(before));
    if (before === undefined) seenPeople.set(person, row.line);
    group.rows.push(row);
  }
  if (group) yield group;
}

/** A number's first eighteen characters say who it is: what follows tells of a certificate. */
const personKeyOf = (text: string): string => text.toUpperCase().replaceAll(/\s/g, "").slice(0, 18);

const scattered = (line: number): RowReason => ({
  rule: "household-scattered",
  zh: `同一户编号在第${line}行已出现,同户各行须连续`,
  en: `This household number stands in row ${line} already; the rows of a household have to stand together`,
});
const twice = (line: number): RowReason => ({
  rule: "person-twice-in-file",
  zh: `该人在第${line}行已出现在另一户`,
  en: `This person stands in row ${line} already, in another household`,
});

/** The next part of a file, each household made what it is wanted as; `line` is undefined where the file ends. */
export type Part<T> = { made: T[]; rows: number; line: number | undefined };
type Place = { after: number; next: () => Promise<Part<unknown>> };

/** Where files are being read, by job and step: the next chunk goes on here, or reads its way to its place again after a restart. */
const places = new Map<string, Place>();
const mostPlaces = 4;
/** After so many households whoever else waits for this process has a turn. */
const breath = 10;

/**
 * The next households behind a line, at most so many, each as `make` makes it. While the caller stores them, the part that follows is made ready already.
 * @param key job and step: one key always comes with the same `make`
 * @param open the file, asked for only where reading begins
 */
export async function nextPart<T>(
  key: string,
  after: number,
  most: number,
  open: () => Promise<Buffer>,
  make: (group: Group) => T,
): Promise<Part<T>> {
  const kept = places.get(key);
  places.delete(key);
  const next = kept?.after === after ? kept.next : readAhead(groupsOf(await open()), after, most, make);
  // Safe: the key always comes with the same `make`.
  const part = (await next()) as Part<T>;
  if (part.line === undefined) return part;
  const oldest = places.keys().next().value;
  if (places.size >= mostPlaces && oldest !== undefined) places.delete(oldest);
  places.set(key, { after: part.line, next });
  return part;
}

function readAhead<T>(
  groups: AsyncGenerator<Group>,
  after: number,
  most: number,
  make: (group: Group) => T,
): () => Promise<Part<T>> {
  const read = async (): Promise<Part<T>> => {
    const part: Part<T> = { made: [], rows: 0, line: undefined };
    let line: number | undefined;
    while (part.made.length < most) {
      const next = await groups.next();
      if (next.done) return part;
      line = next.value.rows.at(-1)?.line ?? 0;
      if (line <= after) continue;
      part.made.push(make(next.value));
      part.rows += next.value.rows.length;
      if (part.made.length % breath === 0) await turn();
    }
    return { ...part, line };
  };
  let ahead: Promise<Part<T>> | undefined;
  return async () => {
    const part = await (ahead ?? read());
    ahead = part.line === undefined ? undefined : read();
    // Whoever asks for it hears of a failure; when nobody does any more, it is nobody's.
    ahead?.catch(() => {});
    return part;
  };
}
