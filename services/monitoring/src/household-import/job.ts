import { buffer } from "node:stream/consumers";
import { type EventDraft, HouseholdRegistered, MonitoringImportFinished, PersonJoinedHousehold } from "@shouwang/contract";
import {
  actorOf,
  businessDate,
  type ChunkResult,
  type FailingRow,
  findFile,
  type JobKind,
  putFile,
  readSheet,
  SheetRefusal,
  writeErrorWorkbook,
} from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { DB } from "../db.ts";
import { keptUntil, xlsx } from "../feed/file-kept.ts";
import { insertHouseholds, type NewHousehold, newPerson, recordRegistrations } from "../household/bulk-store.ts";
import { personStateOf } from "../household/person-store.ts";
import { type Household, stateOf } from "../household/store.ts";
import { job } from "../kit.ts";
import { checkHouseholds } from "../suspect/run.ts";
import { registeredElsewhere, sortOut } from "./decide.ts";
import { importLimits } from "./layout.ts";
import { forAll, type ReadHousehold, type RowReason, type RowReasons, readHousehold } from "./read-household.ts";
import { type Group, lastLineOf, nextGroups } from "./reading.ts";
import { deleteRefusals, findImport, type HouseholdImport, insertRefusals, knownPeople, refusalsOf } from "./store.ts";

export const importJob = "household-import";
const householdsPerChunk = 500;
const mostErrorRows = 20_000;

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
type Step = Parameters<JobKind<DB>["run"]>[0] & { list: HouseholdImport };
type Chunk = ChunkResult & { next?: Checkpoint };

/** M-01: registers the households of a list, each by the rules of an entry by hand, and sends back the rows that could not be taken. */
export const householdImport = job({
  kind: importJob,
  run: async (given) => {
    const { importId } = z.object({ importId: z.uuid() }).parse(given.input);
    const list = await findImport(given.tx, importId);
    if (!list) throw new Error("the import of this job is gone");
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
});

async function fileOf({ tx, keys, list }: Step): Promise<Buffer> {
  const file = await findFile(tx, keys, list.fileId);
  if (!file) throw new Error("the file of this import is gone");
  return file.content;
}

/** A household of the file, or the reasons against its rows: those of the whole file first. */
function readGroup(group: Group, step: Step): { household: ReadHousehold } | { reasons: RowReasons } {
  const read = readHousehold(group.rows, { today: businessDate(step.now), area: step.actor.region });
  if (group.reasons.size === 0) return read;
  const reasons: RowReasons = "reasons" in read ? read.reasons : new Map();
  for (const [line, reason] of group.reasons) reasons.set(line, [reason, ...(reasons.get(line) ?? [])]);
  return { reasons: forAll(group.rows, reasons) };
}

async function checkNext(step: Step, after: number): Promise<Chunk> {
  const { tx, list, jobId } = step;
  try {
    const groups = await nextGroups(`${jobId} check`, after, householdsPerChunk, () => fileOf(step));
    const read = groups.map((group) => ({ group, read: readGroup(group, step) }));
    const refusals = new Map(read.flatMap(({ read: one }) => ("reasons" in one ? [...one.reasons] : [])));
    const good = read.flatMap(({ group, read: one }) => ("household" in one ? [{ group, household: one.household }] : []));
    const sorted = list.dryRun ? await sortOutAll(step, good) : undefined;
    for (const [line, reasons] of sorted?.refusals ?? []) refusals.set(line, reasons);
    await insertRefusals(tx, list, refusals);
    const more = groups.length === householdsPerChunk;
    const then: Checkpoint = list.dryRun ? { step: "finish" } : { step: "register", after: 0 };
    return {
      next: more ? { step: "check", after: lastLineOf(groups.at(-1)) } : then,
      totals: {
        rows: groups.reduce((sum, { rows }) => sum + rows.length, 0),
        households: groups.length,
        refused: refusals.size,
        refusedHouseholds: groups.length - good.length + (sorted?.refusedHouseholds ?? 0),
        unchanged: sorted?.unchanged ?? 0,
      },
    };
  } catch (error) {
    if (!(error instanceof SheetRefusal)) throw error;
    await deleteRefusals(tx, list.id);
    const { rule, zh, en } = error.failure;
    return { totals: {}, result: { fileRefused: { rule, zh, en } } };
  }
}

type Good = { group: Group; household: ReadHousehold };

/** Tells the households apart by who of them is registered in the sender's area already. */
async function sortOutAll({ tx, keys }: Step, good: readonly Good[]) {
  const known = await knownPeople(
    tx,
    keys,
    good.flatMap(({ household }) => household.members.map(({ identity }) => identity.personKey)),
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
      refuseRows(one.group, outcome, refusals);
      refusedHouseholds += 1;
    }
  }
  return { fresh, refusals, unchanged, refusedHouseholds };
}

/** Refuses a household whose members at these places in it cannot be taken. */
function refuseRows({ rows }: Group, against: ReadonlyMap<number, RowReason>, refusals: RowReasons): void {
  const reasons: RowReasons = new Map();
  for (const [index, reason] of against) reasons.set(rows[index]?.line ?? 0, [reason]);
  for (const [line, because] of forAll(rows, reasons)) refusals.set(line, because);
}

async function registerNext(step: Step, after: number): Promise<Chunk> {
  const { tx, list, jobId, actor, keys, now } = step;
  const groups = await nextGroups(`${jobId} register`, after, householdsPerChunk, () => fileOf(step));
  const good = groups.flatMap((group): Good[] => {
    const read = readGroup(group, step);
    return "household" in read ? [{ group, household: read.household }] : [];
  });
  const { fresh, refusals, unchanged, refusedHouseholds } = await sortOutAll(step, good);
  const since = businessDate(now);
  const rows = fresh.map((one) => ({ ...one, made: newHousehold(one.household) }));
  const leftOut = await insertHouseholds(
    tx,
    keys,
    rows.map(({ made }) => made),
    { at: now, since },
  );
  const whole = rows.filter(({ made }) => !leftOut.has(made.household.id));
  for (const { group, made } of rows) {
    const elsewhere = leftOut.get(made.household.id);
    if (!elsewhere) continue;
    const against = made.members.flatMap(({ id }, index) =>
      elsewhere.includes(id) ? [[index, registeredElsewhere] as const] : [],
    );
    refuseRows(group, new Map(against), refusals);
  }
  const households = whole.map(({ made }) => made.household);
  await recordRegistrations(tx, households, {
    at: now,
    actor: actorOf(actor),
    source: "import",
    document: list.document,
    dataDate: list.dataDate,
  });
  await checkHouseholds(
    tx,
    households.map(({ id }) => id),
    now,
  );
  await insertRefusals(tx, list, refusals);
  const more = groups.length === householdsPerChunk;
  return {
    next: more ? { step: "register", after: lastLineOf(groups.at(-1)) } : { step: "finish" },
    totals: {
      registered: whole.length,
      persons: whole.reduce((sum, { made }) => sum + made.members.length, 0),
      unchanged,
      refused: refusals.size,
      refusedHouseholds: refusedHouseholds + leftOut.size,
    },
    events: whole.flatMap(({ made }) => eventsOf(made, since)),
    audit: households.map(({ id, region }) => ({
      ...{ action: "import-household", entity: "household", entityId: id, region, clause: "M-01" },
      changed: { importId: list.id },
    })),
  };
}

function newHousehold(read: ReadHousehold): NewHousehold {
  const members = read.members.map((member) => ({ ...member, id: uuidv7() }));
  const { region, householdNo, hamlet, householdKind, guarantees, lowIncome, relocated } = read;
  const household: Household = {
    ...{ id: uuidv7(), region, householdNo, hamlet, householdKind, guarantees, lowIncome, relocated },
    ...{ monitoredKind: null, riskCleared: false, safetyNetOnly: false, synthetic: false },
    headcount: members.length,
    ableWorkers: members.filter((member) => member.ableWorker).length,
    ...{ status: "active", closedBecause: null, mergedInto: null, splitFrom: null, version: 1 },
  };
  return { household, members };
}

const eventsOf = ({ household, members }: NewHousehold, since: string): EventDraft[] => [
  HouseholdRegistered.of(household.id, 1, household.region, stateOf(household)),
  ...members.map((member) =>
    PersonJoinedHousehold.of(member.id, 1, household.region, personStateOf(newPerson(household, member, since))),
  ),
];

/** Writes the refused rows out as a workbook to mend, and tells that the list is in. */
async function finish(step: Step): Promise<Chunk> {
  const { list, totals } = step;
  const count = (key: string) => totals[key] ?? 0;
  const errorsFile = count("refused") > 0 ? await writeRefused(step) : undefined;
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

async function writeRefused(step: Step): Promise<string> {
  const { tx, list, keys, actor, now } = step;
  const reasons = await refusalsOf(tx, list.id, mostErrorRows);
  const sheet = await readSheet(await fileOf(step), importLimits);
  if (!sheet.ok) throw new SheetRefusal(sheet);
  const failing = async function* (): AsyncGenerator<FailingRow> {
    for await (const { line, cells } of sheet.rows) {
      const against = reasons.get(line);
      if (against) yield { line, cells, reasons: against };
    }
  };
  return await putFile(tx, keys, actor, {
    region: list.region,
    name: `未导入农户-${list.dataDate}.xlsx`,
    mediaType: xlsx,
    content: await buffer(writeErrorWorkbook(sheet.columns, failing())),
    purpose: "import-errors",
    expiresOn: await keptUntil(tx, list.region, businessDate(now)),
  });
}
