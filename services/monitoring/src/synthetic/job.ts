import { HouseholdIncomeRecorded, HouseholdRegistered, PersonJoinedHousehold } from "@shouwang/contract";
import { actorOf, type BusinessDate, businessDate, type Keys, parseBusinessDate } from "@shouwang/service-kit";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { checkMembers, netIncome } from "../household/decide.ts";
import { personStateOf } from "../household/person-store.ts";
import { stateOf } from "../household/store.ts";
import { prepareHousehold } from "../household-import/prepare.ts";
import { insertHouseholds, personOf } from "../household-import/store.ts";
import { job, slice } from "../kit.ts";
import { checkHouseholds } from "../suspect/run.ts";
import { demoGridWorker, demoHouseholds, syntheticHousehold } from "./population.ts";
import { assignGrid, insertSyntheticDrops, insertSyntheticIncomes, type SyntheticRow } from "./store.ts";

const Input = z.object({ households: z.int().min(1) });
const Checkpoint = z.object({ from: z.int().nonnegative() }).default({ from: 0 });
const chunkSize = 500;

function rowFor(keys: Keys, n: number, today: BusinessDate): SyntheticRow {
  const made = syntheticHousehold(n);
  const checked = checkMembers(made.members, today);
  if ("errors" in checked) throw new Error(`made-up household ${n} breaks ${checked.errors[0]?.rule}`);
  const members = checked.members.map((member) => ({ ...member, seriousIllnessInsurance: true }));
  const { region, householdNo, householdKind, guarantees, lowIncome, relocated, epidemicDrop } = made;
  const entry = { region, householdNo, householdKind, guarantees, lowIncome, relocated, members, synthetic: true };
  const prepared = prepareHousehold(keys, entry);
  const incomes = made.incomes.map(({ year, sums }) => ({
    id: uuidv7(),
    householdId: prepared.household.id,
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
  return { ...prepared, incomes, epidemicDrop };
}

/** Fills the registry with made-up, labelled households for a demonstration; each is registered with its events like a real one. Goes on where it was stopped. */
const syntheticPopulation = job({
  kind: "synthetic-population",
  run: async ({ tx, input, checkpoint, keys, actor, now }) => {
    const { households } = Input.parse(input);
    const { from } = Checkpoint.parse(checkpoint);
    const until = Math.min(from + chunkSize, households);
    const today = businessDate(now);
    const since = parseBusinessDate("2021-01-01");
    const rows = Array.from({ length: until - from }, (_, index) => rowFor(keys, from + index, today));
    const given = { at: now, actor: actorOf(actor), source: "synthetic", since };
    const known = await insertHouseholds(tx, rows, given);
    if (known.size > 0) throw new Error("a made-up person is registered already");
    await insertSyntheticIncomes(tx, rows);
    await insertSyntheticDrops(tx, keys, rows, now);
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
        ...row.people.map((person) =>
          PersonJoinedHousehold.of(person.id, 1, row.household.region, personStateOf(personOf(row.household, person, since))),
        ),
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
