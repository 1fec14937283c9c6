import { HouseholdIncomeRecorded, HouseholdRegistered, PersonJoinedHousehold } from "@shouwang/contract";
import { blindIndex, businessDate, type Keys, parseBusinessDate } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { newPerson } from "../household/bulk-store.ts";
import { ageOn, checkMembers, netIncome } from "../household/decide.ts";
import { personStateOf } from "../household/person-store.ts";
import { stateOf } from "../household/store.ts";
import { job, slice } from "../kit.ts";
import { checkHouseholds } from "../suspect/run.ts";
import { demoGridWorker, demoHouseholds, syntheticHousehold } from "./population.ts";
import { syntheticRecords } from "./records.ts";
import { assignGrid, insertRecords, insertSynthetic, insertSyntheticDrops, type RecordRow, type SyntheticRows } from "./store.ts";

const Input = z.object({ households: z.int().min(1) });
const Checkpoint = z.object({ from: z.int().nonnegative() }).default({ from: 0 });
const chunkSize = 500;

function rowsFor(n: number, today: ReturnType<typeof businessDate>): SyntheticRows {
  const made = syntheticHousehold(n);
  const checked = checkMembers(made.members, today);
  if ("errors" in checked) throw new Error(`made-up household ${n} breaks ${checked.errors[0]?.rule}`);
  const members = checked.members.map((member) => ({ ...member, id: uuidv7(), seriousIllnessInsurance: true }));
  const id = uuidv7();
  const { region, householdNo, householdKind, guarantees, lowIncome, relocated } = made;
  const household = {
    id,
    region,
    householdNo,
    hamlet: null,
    householdKind,
    monitoredKind: null,
    riskCleared: false,
    headcount: members.length,
    ableWorkers: members.filter((member) => member.ableWorker).length,
    guarantees,
    lowIncome,
    safetyNetOnly: false,
    relocated,
    status: "active" as const,
    closedBecause: null,
    mergedInto: null,
    splitFrom: null,
    synthetic: true,
    version: 1,
  };
  const incomes = made.incomes.map(({ year, sums }) => ({
    id: uuidv7(),
    householdId: id,
    region,
    kind: "annual" as const,
    from: `${year}-01-01`,
    until: `${year}-12-31`,
    headcount: members.length,
    ...sums,
    ...netIncome(sums, members.length),
    confirmed: true,
    version: 1,
  }));
  return { household, members, incomes, epidemicDrop: made.epidemicDrop };
}

/** What departments would have sent of a household. A child is the youngest member of school age; a household without one has no record of schooling. */
function recordsFor(
  n: number,
  { household, members }: SyntheticRows,
  today: ReturnType<typeof businessDate>,
  keys: Keys,
): RecordRow[] {
  const child = members.findLast(({ identity }) => {
    const age = ageOn(identity.birthDate, today);
    return age >= 6 && age < 16;
  });
  return syntheticRecords(n, today).flatMap((record): RecordRow[] => {
    const person = record.about === "head" ? members[0] : child;
    if (record.about !== "household" && !person) return [];
    const personId = record.about === "household" ? null : (person?.id ?? null);
    return [{ ...record, household, personId, index: blindIndex(keys, "synthetic", `${n} ${record.kind} ${record.code}`) }];
  });
}

/** Fills the registry with made-up, labelled households for a demonstration; each is registered with its events like a real one. Goes on where it was stopped. */
const syntheticPopulation = job({
  kind: "synthetic-population",
  run: async ({ tx, jobId, region, input, checkpoint, keys, now }) => {
    const { households } = Input.parse(input);
    const { from } = Checkpoint.parse(checkpoint);
    const until = Math.min(from + chunkSize, households);
    const today = businessDate(now);
    const since = parseBusinessDate("2021-01-01");
    const rows = Array.from({ length: until - from }, (_, index) => rowsFor(from + index, today));
    await insertSynthetic(tx, keys, rows, now, since);
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
        ...row.members.map((member) =>
          PersonJoinedHousehold.of(member.id, 1, row.household.region, personStateOf(newPerson(row.household, member, since))),
        ),
        ...row.incomes.map(({ id, version, ...income }) =>
          HouseholdIncomeRecorded.of(id, version, row.household.region, { householdIncomeId: id, ...income }),
        ),
      ];
    });
    return {
      ...(until < households ? { next: { from: until } } : {}),
      totals: { households: rows.length, persons: rows.reduce((sum, row) => sum + row.members.length, 0) },
      events,
    };
  },
});

export const syntheticSlice = slice({
  name: "synthetic",
  title: { zh: "合成演示数据", en: "Synthetic demonstration data" },
  jobs: [syntheticPopulation],
});
