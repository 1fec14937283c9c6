import { HouseholdIncomeRecorded, HouseholdRegistered, PersonJoinedHousehold } from "@shouwang/contract";
import { type BusinessDate, blindIndex, businessDate, type Keys } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { insertHouseholds, prepareHousehold } from "../household/bulk-store.ts";
import { ageOn, checkMembers, netIncome } from "../household/decide.ts";
import { personStateOf } from "../household/person-store.ts";
import { stateOf } from "../household/store.ts";
import { job, slice } from "../kit.ts";
import { checkHouseholds } from "../suspect/run.ts";
import { demoGridWorker, demoHouseholds, syntheticHousehold } from "./population.ts";
import { syntheticRecords } from "./records.ts";
import { assignGrid, insertIncomes, insertRecords, insertSyntheticDrops, type RecordRow, type SyntheticRows } from "./store.ts";

const Input = z.object({ households: z.int().min(1) });
const Checkpoint = z.object({ from: z.int().nonnegative() }).default({ from: 0 });
const chunkSize = 500;
const registeredSince = "2021-01-01";

function rowsFor(n: number, keys: Keys, today: BusinessDate): SyntheticRows {
  const { n: _, members, region, incomes: years, epidemicDrop, ...entry } = syntheticHousehold(n);
  const checked = checkMembers(members, today);
  if ("errors" in checked) throw new Error(`made-up household ${n} breaks ${checked.errors[0]?.rule}`);
  const insured = checked.members.map((member) => ({ ...member, seriousIllnessInsurance: true }));
  const { household, people } = prepareHousehold(
    keys,
    { ...entry, region, hamlet: null, synthetic: true, members: insured },
    registeredSince,
  );
  const incomes = years.map(({ year, sums }) => ({
    id: uuidv7(),
    householdId: household.id,
    region,
    kind: "annual" as const,
    from: `${year}-01-01`,
    until: `${year}-12-31`,
    headcount: people.length,
    ...sums,
    ...netIncome(sums, people.length),
    confirmed: true,
    version: 1,
  }));
  return { household, people, incomes, epidemicDrop };
}

/** What departments would have sent of a household. A child is the youngest member of school age; a household without one has no record of schooling. */
function recordsFor(n: number, { household, people }: SyntheticRows, today: BusinessDate, keys: Keys): RecordRow[] {
  const child = people.findLast(({ person }) => {
    const age = ageOn(person.birthDate, today);
    return age >= 6 && age < 16;
  });
  return syntheticRecords(n, today).flatMap((record): RecordRow[] => {
    const about = record.about === "head" ? people[0] : child;
    if (record.about !== "household" && !about) return [];
    const personId = record.about === "household" ? null : (about?.person.id ?? null);
    return [{ ...record, household, personId, index: blindIndex(keys, "synthetic", `${n} ${record.kind} ${record.code}`) }];
  });
}

/** Fills the registry with made-up, labelled households for a demonstration; each is registered with its events like a real one. Goes on where it was stopped. */
const syntheticPopulation = job({
  kind: "synthetic-population",
  background: true,
  run: async ({ tx, jobId, region, input, checkpoint, keys, now }) => {
    const { households } = Input.parse(input);
    const { from } = Checkpoint.parse(checkpoint);
    const until = Math.min(from + chunkSize, households);
    const today = businessDate(now);
    const rows = Array.from({ length: until - from }, (_, index) => rowsFor(from + index, keys, today));
    await insertHouseholds(tx, rows, { at: now, actor: "synthetic", source: "synthetic" });
    await insertIncomes(
      tx,
      rows.flatMap((row) => row.incomes),
    );
    await insertSyntheticDrops(tx, keys, rows, now);
    const records = rows.flatMap((row, index) => recordsFor(from + index, row, today, keys));
    await insertRecords(tx, { id: jobId, region, day: today, at: now }, records);
    const ofTheVillage = rows.filter((_, index) => from + index < demoHouseholds).map((row) => row.household);
    if (ofTheVillage.length > 0) await assignGrid(tx, demoGridWorker, ofTheVillage, today);
    await checkHouseholds(
      tx,
      rows.map((row) => row.household.id),
      now,
    );
    const events = rows.flatMap((row) => {
      return [
        HouseholdRegistered.of(row.household.id, 1, row.household.region, stateOf(row.household)),
        ...row.people.map(({ person }) => PersonJoinedHousehold.of(person.id, 1, person.region, personStateOf(person))),
        ...row.incomes.map(({ id, version, ...income }) =>
          HouseholdIncomeRecorded.of(id, version, row.household.region, { householdIncomeId: id, ...income }),
        ),
      ];
    });
    return {
      ...(until < households ? { next: { from: until } } : {}),
      totals: { households: rows.length, persons: rows.reduce((sum, row) => sum + row.people.length, 0) },
      events,
    };
  },
});

export const syntheticSlice = slice({
  name: "synthetic",
  title: { zh: "合成演示数据", en: "Synthetic demonstration data" },
  jobs: [syntheticPopulation],
});
