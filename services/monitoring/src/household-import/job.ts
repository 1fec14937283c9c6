import { HouseholdRegistered, MonitoringImportFinished, PersonJoinedHousehold, Refusal } from "@shouwang/contract";
import { actorOf, businessDate, mayReach, SheetRefusal } from "@shouwang/service-kit";
import { z } from "zod";
import { writeRefused } from "../feed/refused.ts";
import { findFeed, insertRefusals } from "../feed/store.ts";
import { checkVillage } from "../household/decide.ts";
import { personStateOf } from "../household/person-store.ts";
import { stateOf } from "../household/store.ts";
import { job } from "../kit.ts";
import { checkHouseholds } from "../suspect/run.ts";
import { type RefusedRow, refuseHousehold, registeredAlready } from "./decide.ts";
import { openRoster, type Part, readPart } from "./reading.ts";
import { rosterLimits } from "./roster-row.ts";
import { insertHouseholds, personOf } from "./store.ts";

export const householdImportJob = "household-import";

/** The whole file is read through first, since it may turn out broken further down, and then none of it counts. */
const Checkpoint = z.discriminatedUnion("step", [
  z.object({ step: z.literal("read") }),
  z.object({ step: z.literal("register"), after: z.int() }),
  z.object({ step: z.literal("finish") }),
]);
type Step = Parameters<Parameters<typeof job>[0]["run"]>[0] & { feed: NonNullable<Awaited<ReturnType<typeof findFeed>>> };

/** M-01: registers the households of a county's file as if each were entered by hand, and sends back the rows that could not be taken. */
export const householdImport = job({
  kind: householdImportJob,
  run: async (given) => {
    const { feedId } = z.object({ feedId: z.uuid() }).parse(given.input);
    const feed = await findFeed(given.tx, feedId);
    if (!feed) throw new Error("the file of this job is gone");
    const checkpoint = Checkpoint.parse(given.checkpoint ?? { step: "read" });
    const step: Step = { ...given, feed };
    switch (checkpoint.step) {
      case "read":
        return await readThrough(step);
      case "register":
        return await register(step, checkpoint.after);
      case "finish":
        return await finish(step);
    }
  },
});

async function readThrough({ tx, keys, feed }: Step) {
  try {
    for await (const _ of (await openRoster(tx, keys, feed.fileId)).rows);
    return { next: { step: "register", after: 0 }, totals: {} };
  } catch (error) {
    if (!(error instanceof SheetRefusal)) throw error;
    const { rule, zh, en } = error.failure;
    return { totals: {}, result: { fileRefused: { rule, zh, en } } };
  }
}

/** One part of the file: its households, members, events and entry checks in one transaction. */
async function register(step: Step, after: number) {
  const { tx, keys, feed, actor, now } = step;
  const since = businessDate(now);
  const part = await readPart(tx, keys, feed.fileId, after, since);
  const { within, refused } = inArea(part, step);
  const given = { at: now, actor: actorOf(actor), source: "import", since };
  const { document, department, dataDate } = feed;
  const left = await insertHouseholds(tx, within, { ...given, document, department, dataDate });
  const stored = within.filter(({ household }) => !left.has(household.id));
  refused.push(
    ...within.filter(({ household }) => left.has(household.id)).flatMap((one) => refuseHousehold(one, registeredAlready)),
  );
  await insertRefusals(tx, feed, refused);
  await checkHouseholds(
    tx,
    stored.map(({ household }) => household.id),
    now,
  );
  const persons = stored.reduce((sum, { people }) => sum + people.length, 0);
  return {
    next: part.line === undefined ? { step: "finish" } : { step: "register", after: part.line },
    totals: { rows: part.rows, taken: persons, households: stored.length, refused: refused.length },
    events: stored.flatMap(({ household, people }) => [
      HouseholdRegistered.of(household.id, 1, household.region, stateOf(household)),
      ...people.map((person) =>
        PersonJoinedHousehold.of(person.id, 1, household.region, personStateOf(personOf(household, person, since))),
      ),
    ]),
  };
}

/** Households of a village in the sender's area; the others are refused. */
function inArea(part: Part, { actor }: Step): { within: Part["households"]; refused: RefusedRow[] } {
  const refused = [...part.refused];
  const places = new Map<string, ReturnType<typeof checkVillage>>();
  const within = part.households.filter((one) => {
    const { region } = one.household;
    if (!places.has(region)) places.set(region, checkVillage(region, mayReach(actor, region)));
    const against = places.get(region);
    if (!(against instanceof Refusal)) return true;
    const error = against.errors[0];
    refused.push(...refuseHousehold(one, { rule: error?.rule ?? against.code, zh: error?.zh ?? "", en: error?.en ?? "" }));
    return false;
  });
  return { within, refused };
}

async function finish(step: Step) {
  const { tx, keys, feed, actor, now, totals } = step;
  const count = (key: string) => totals[key] ?? 0;
  const imported = { importId: feed.id, layout: "households", region: feed.region, rows: count("rows"), taken: count("taken") };
  const sheet = count("refused") > 0 ? { limits: rosterLimits, name: `问题数据-农户-${feed.dataDate}.xlsx` } : undefined;
  const errorsFile = sheet && (await writeRefused({ tx, keys, actor, now, feed }, sheet));
  return {
    totals: {},
    ...(errorsFile === undefined ? {} : { result: { errorsFile } }),
    events: [MonitoringImportFinished.of(feed.id, 1, feed.region, { ...imported, refused: count("refused"), unchanged: 0 })],
    audit: [{ action: "finish-import", entity: "feed", entityId: feed.id, region: feed.region, clause: "M-01", changed: totals }],
  };
}
