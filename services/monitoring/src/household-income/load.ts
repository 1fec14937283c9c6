import { type BusinessDate, parameterFor, type Tx } from "@shouwang/service-kit";
import type { DB } from "../db.ts";
import type { Household } from "../household/store.ts";
import { incomeYearOf, unsettledCredits } from "./credit-decide.ts";
import { creditsOf } from "./credit-store.ts";
import { creditsTaken, incomesOf } from "./store.ts";
import { creditView, incomeView } from "./views.ts";

/**
 * A household's income as it is shown: the records it signed for, what departments paid, and where the two differ. A payment is part of the record of its period
 * once there is one, so the two are never added up.
 */
export async function loadIncomes(tx: Tx<DB>, household: Household, today: BusinessDate) {
  const basis = (await parameterFor(tx, "income.yearBasis", household.region, today)).value;
  const credits = await creditsOf(tx, household.id);
  const taken = await creditsTaken(tx, household.id);
  const items = (await incomesOf(tx, household.id)).map((income) => {
    const recordedCredits = taken.get(income.id) ?? new Map<string, number>();
    const unsettled = unsettledCredits({ ...income, recordedCredits }, credits);
    return { ...incomeView(income), unsettled: unsettled.map((credit) => creditView(credit, basis)) };
  });
  const byYear = Map.groupBy(
    credits.filter(({ clawedBackOn }) => clawedBackOn === null),
    ({ paidOn }) => incomeYearOf(paidOn, basis),
  );
  return {
    items,
    credits: credits.map((credit) => creditView(credit, basis)),
    creditedByYear: [...byYear]
      .map(([year, ofYear]) => ({ year, amountFen: ofYear.reduce((sum, { amountFen }) => sum + amountFen, 0) }))
      .toSorted((a, b) => b.year - a.year),
  };
}
