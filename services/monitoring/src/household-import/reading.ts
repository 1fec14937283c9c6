import { setImmediate as pass } from "node:timers/promises";
import { type BusinessDate, findFile, type Keys, readSheet, SheetRefusal, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import { checkRoster, type RefusedRow, type RosterHousehold } from "./decide.ts";
import { type PreparedHousehold, prepareHousehold } from "./prepare.ts";
import { type RosterRow, rosterLimits } from "./roster-row.ts";

/** The next part of a file: households made ready, rows that were refused, and the line it ends at; undefined `line` where the file ends. */
export type Part = {
  households: (PreparedHousehold & Pick<RosterHousehold, "lines">)[];
  refused: RefusedRow[];
  rows: number;
  line: number | undefined;
};

type Reading = { fileId: string; at: number; next(): Promise<Part> };

const householdsPerPart = 500;
/** So many households are made ready before others get their turn. */
const breath = 10;

/** The file a job of this process is in the midst of. A chunk goes on in it; after a restart, or a chunk that failed, it is opened again at the checkpoint's line. */
let open: Reading | undefined;

/** The part of a file after a line. While its chunk is being stored, the next part is made ready already. */
export async function readPart(tx: Tx<DB>, keys: Keys, fileId: string, after: number, today: BusinessDate): Promise<Part> {
  const reading = open?.fileId === fileId && open.at === after ? open : await openReading(tx, keys, fileId, after, today);
  open = undefined;
  const part = await reading.next();
  if (part.line !== undefined) open = { ...reading, at: part.line };
  return part;
}

/** Opens a household file's rows. @throws SheetRefusal when it is not what it was when it was sent */
export async function openRoster(tx: Tx<DB>, keys: Keys, fileId: string) {
  const file = await findFile(tx, keys, fileId);
  if (!file) throw new Error("the file of this import is gone");
  const sheet = await readSheet(file.content, rosterLimits);
  if (!sheet.ok) throw new SheetRefusal(sheet);
  return sheet;
}

async function openReading(tx: Tx<DB>, keys: Keys, fileId: string, after: number, today: BusinessDate): Promise<Reading> {
  const households = groups((await openRoster(tx, keys, fileId)).rows, after);
  const make = async (): Promise<Part> => {
    const part: Part = { households: [], refused: [], rows: 0, line: undefined };
    for (let n = 1; n <= householdsPerPart; n += 1) {
      const { value: rows } = await households.next();
      if (!rows) return { ...part, line: undefined };
      const checked = checkRoster(rows, today);
      if ("refused" in checked) part.refused.push(...checked.refused);
      else {
        const { lines, ...household } = checked.household;
        part.households.push({ ...prepareHousehold(keys, { ...household, synthetic: false }), lines });
      }
      part.rows += rows.length;
      part.line = rows.at(-1)?.line;
      if (n % breath === 0) await pass();
    }
    return part;
  };
  let ahead: Promise<Part> | undefined;
  return {
    fileId,
    at: after,
    next: async () => {
      const part = await (ahead ?? make());
      ahead = part.line === undefined ? undefined : make();
      // Whoever asks for it hears of a failure; when nobody does any more, it is nobody's.
      ahead?.catch(() => {});
      return part;
    },
  };
}

/** Rows household by household: those of one number that follow each other. */
async function* groups(rows: AsyncIterable<RosterRow>, after: number): AsyncGenerator<RosterRow[], undefined> {
  let group: RosterRow[] = [];
  for await (const row of rows) {
    if (row.line <= after) continue;
    if (group.length > 0 && row.cells.householdNo !== group[0]?.cells.householdNo) {
      yield group;
      group = [];
    }
    group.push(row);
  }
  if (group.length > 0) yield group;
}
