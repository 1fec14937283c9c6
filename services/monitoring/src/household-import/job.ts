import { type EventDraft, HouseholdRegistered, MonitoringImportFinished, PersonJoinedHousehold } from "@shouwang/contract";
import {
  actorOf,
  businessDate,
  type ChunkResult,
  contentOf,
  type JobKind,
  listOfJob,
  type ReceivedList,
  type RowReason,
  refusedWhole,
  refuseRows,
  SheetRefusal,
  unrefuseRows,
  writeRefusedRows,
} from "@shouwang/service-kit";
import { z } from "zod";
import type { DB } from "../db.ts";
import { insertHouseholds, type PreparedHousehold, prepareHousehold } from "../household/bulk-store.ts";
import { identityIndex, personStateOf } from "../household/person-store.ts";
import { stateOf } from "../household/store.ts";
import { job } from "../kit.ts";
import { checkHouseholds } from "../suspect/run.ts";
import { importLimits } from "./layout.ts";
import { forAll, type ReadHousehold, type RowReasons, readHousehold } from "./read-household.ts";
import { type Group, nextPart, type Part } from "./reading.ts";
import { registeredElsewhere, sortOut } from "./sort-out.ts";
import { knownPeople } from "./store.ts";

export const importJob = "household-import";
export const intake = "household-import";
const householdsPerChunk = 500;

/**
 * Where the job goes on: a step and the last line it has done. The file is gone through twice. First every row is checked, since it may turn out broken further down,
 * and then none of it counts; a trial ends there. Then its good households are registered, chunk by chunk.
 */
const Checkpoint = z.discriminatedUnion("step", [
  z.object({ step: z.literal("check"), after: z.int() }),
  z.object({ step: z.literal("register"), after: z.int() }),
  z.object({ step: z.literal("finish") }),
]);
type Checkpoint = z.infer<typeof Checkpoint>;
type Step = Parameters<JobKind<DB>["run"]>[0] & { list: ReceivedList };
type Chunk = ChunkResult & { next?: Checkpoint };

/** M-01: registers the households of a list, each by the rules of an entry by hand, and sends back the rows that could not be taken. */
export const householdImport = job({
  kind: importJob,
  beside: true,
  // One less than the files whose place is kept while others have their turn.
  inTurn: 3,
  run: async (given) => {
    const list = await listOfJob(given.tx, intake, given.input);
    const step: Step = { ...given, list };
    const checkpoint = Checkpoint.parse(given.checkpoint ?? { step: "check", after: 0 });
    switch (checkpoint.step) {
      case "check":
        return await checkNext(step, checkpoint.after);
      case "register":
        return await registerNext(step, checkpoint.after);
      case "finish":
        return await finish(step);
    }
  },
  leave: async ({ checkpoint, totals: { rows = 0, refused = 0, unchanged = 0, persons = 0 } }) =>
    // Until every row has been looked at nothing is registered, and nobody knows how many there are.
    Checkpoint.safeParse(checkpoint).data?.step === "register"
      ? { done: persons, left: rows - refused - unchanged - persons }
      : undefined,
});

/** A household of the file, or the reasons against its rows: those of the whole file first. */
function readGroup(
  group: Group,
  given: Parameters<typeof readHousehold>[1],
): { household: ReadHousehold } | { reasons: RowReasons } {
  const read = readHousehold(group.rows, given);
  if (group.reasons.size === 0) return read;
  const reasons: RowReasons = "reasons" in read ? read.reasons : new Map();
  for (const [line, reason] of group.reasons) reasons.set(line, [reason, ...(reasons.get(line) ?? [])]);
  return { reasons: forAll(group.rows, reasons) };
}

/** A household of the file that passed its checks; prepared where it is to be stored. */
type Good = { group: Group; household: ReadHousehold; prepared: PreparedHousehold | undefined };
type Made = Good | { reasons: RowReasons };

/** Reads the next households of the file; those to be registered are sealed and indexed while the part before them is being stored. */
async function nextHouseholds(step: Step, checkpoint: { step: "check" | "register"; after: number }): Promise<Part<Made>> {
  const { jobId, keys, now, actor } = step;
  const given = { today: businessDate(now), area: actor.region };
  return await nextPart(
    `${jobId} ${checkpoint.step}`,
    checkpoint.after,
    householdsPerChunk,
    () => contentOf(step, step.list),
    (group): Made => {
      const read = readGroup(group, given);
      if ("reasons" in read) return read;
      const prepared =
        checkpoint.step === "register" ? prepareHousehold(keys, { ...read.household, synthetic: false }, given.today) : undefined;
      return { group, household: read.household, prepared };
    },
  );
}

async function checkNext(step: Step, after: number): Promise<Chunk> {
  const { tx, list } = step;
  try {
    const { made, rows, line } = await nextHouseholds(step, { step: "check", after });
    const refusals: RowReasons = new Map(made.flatMap((one) => ("reasons" in one ? [...one.reasons] : [])));
    const good = made.filter((one) => "household" in one);
    const sorted = list.dryRun ? await sortOutAll(step, good) : undefined;
    for (const [at, reasons] of sorted?.refusals ?? []) refusals.set(at, reasons);
    await refuseRows(tx, list, refusals);
    const then: Checkpoint = list.dryRun ? { step: "finish" } : { step: "register", after: 0 };
    return {
      next: line === undefined ? then : { step: "check", after: line },
      totals: {
        rows,
        households: made.length,
        refused: refusals.size,
        refusedHouseholds: made.length - good.length + (sorted?.refusedHouseholds ?? 0),
        unchanged: sorted?.unchanged ?? 0,
      },
    };
  } catch (error) {
    if (!(error instanceof SheetRefusal)) throw error;
    await unrefuseRows(tx, list);
    return refusedWhole(error);
  }
}

/** Tells the households apart by who of them is registered in the sender's area already. */
async function sortOutAll({ tx, keys }: Step, good: readonly Good[]) {
  const known = await knownPeople(
    tx,
    new Map(
      good.flatMap(({ household, prepared }) =>
        household.members.map(({ identity: { personKey } }, at) => [
          personKey,
          prepared?.people[at]?.index ?? identityIndex(keys, personKey),
        ]),
      ),
    ),
  );
  const fresh: Good[] = [];
  const refusals: RowReasons = new Map();
  let unchanged = 0;
  let refusedHouseholds = 0;
  for (const one of good) {
    const outcome = sortOut(one.household, (key) => known.get(key));
    if (outcome === "new") fresh.push(one);
    else if (outcome === "unchanged") unchanged += one.group.rows.length;
    else {
      refuseMembers(one.group, outcome, refusals);
      refusedHouseholds += 1;
    }
  }
  return { fresh, refusals, unchanged, refusedHouseholds };
}

/** Refuses a household whose members at these places in it cannot be taken. */
function refuseMembers({ rows }: Group, against: ReadonlyMap<number, RowReason>, refusals: RowReasons): void {
  const reasons: RowReasons = new Map();
  for (const [index, reason] of against) reasons.set(rows[index]?.line ?? 0, [reason]);
  for (const [line, because] of forAll(rows, reasons)) refusals.set(line, because);
}

async function registerNext(step: Step, after: number): Promise<Chunk> {
  const { tx, list, actor, now } = step;
  const { made, line } = await nextHouseholds(step, { step: "register", after });
  const good = made.filter((one) => "household" in one);
  const { fresh, refusals, unchanged, refusedHouseholds } = await sortOutAll(step, good);
  const rows = fresh.flatMap(({ group, prepared }) => (prepared ? [{ group, ...prepared }] : []));
  const { document, dataDate } = list;
  const leftOut = await insertHouseholds(tx, rows, { at: now, actor: actorOf(actor), source: "import", document, dataDate });
  for (const { group, household, people } of rows) {
    const elsewhere = leftOut.get(household.id);
    if (!elsewhere) continue;
    const against = people.flatMap(({ person: { id } }, index) =>
      elsewhere.includes(id) ? [[index, registeredElsewhere] as const] : [],
    );
    refuseMembers(group, new Map(against), refusals);
  }
  const whole = rows.filter(({ household }) => !leftOut.has(household.id));
  await checkHouseholds(
    tx,
    whole.map(({ household }) => household.id),
    now,
  );
  await refuseRows(tx, list, refusals);
  return {
    next: line === undefined ? { step: "finish" } : { step: "register", after: line },
    totals: {
      registered: whole.length,
      persons: whole.reduce((sum, { people }) => sum + people.length, 0),
      unchanged,
      refused: refusals.size,
      refusedHouseholds: refusedHouseholds + leftOut.size,
    },
    events: whole.flatMap(eventsOf),
    audit: whole.map(({ household: { id, region } }) => ({
      ...{ action: "import-household", entity: "household", entityId: id, region, clause: "M-01" },
      changed: { importId: list.id },
    })),
  };
}

const eventsOf = ({ household, people }: PreparedHousehold): EventDraft[] => [
  HouseholdRegistered.of(household.id, 1, household.region, stateOf(household)),
  ...people.map(({ person }) => PersonJoinedHousehold.of(person.id, 1, household.region, personStateOf(person))),
];

/** Writes the refused rows out as a workbook to mend, and tells that the list is in. */
async function finish(step: Step): Promise<Chunk> {
  const { list, totals } = step;
  const count = (key: string) => totals[key] ?? 0;
  const errorsFile =
    count("refused") > 0 ? await writeRefusedRows(step, list, importLimits, `未导入农户-${list.dataDate}.xlsx`) : undefined;
  const rows = count("rows");
  const [refused, unchanged] = [count("refused"), count("unchanged")];
  const imported = { importId: list.id, layout: "household-members", region: list.region, rows, refused, unchanged };
  return {
    totals: {},
    ...(errorsFile === undefined ? {} : { result: { errorsFile } }),
    // A trial took nothing in: there is nothing to tell.
    events: list.dryRun ? [] : [MonitoringImportFinished.of(list.id, 1, list.region, { ...imported, taken: count("persons") })],
    audit: [
      {
        action: "finish-import",
        entity: "household-import",
        entityId: list.id,
        region: list.region,
        clause: "M-01",
        changed: totals,
      },
    ],
  };
}
