import {
  type BusinessDate,
  businessDate,
  deadlinesOf,
  formsOf,
  parameterFor,
  parseBusinessDate,
  stepsOf,
  type Tx,
} from "@shouwang/service-kit";
import { appealsOf } from "../appeal/store.ts";
import type { DB } from "../db.ts";
import { helpersOf } from "../helper/store.ts";
import { membersOf } from "../household/person-store.ts";
import { changesOf, type Household } from "../household/store.ts";
import { loadIncomes } from "../household-income/load.ts";
import { findPlanOfCase } from "../household-plan/store.ts";
import { measuresOf } from "../measure/store.ts";
import { inclusionChain } from "../monitored-case/chain.ts";
import { dueAfterInclusion } from "../monitored-case/decide.ts";
import { casesOf, papersOf } from "../monitored-case/store.ts";
import { referralsOf } from "../referral/store.ts";
import { listLeads } from "../risk-lead/store.ts";
import { visitsOf } from "../visit/store.ts";
import { heardUntil, returneesOf, worksOf } from "../work-state/store.ts";
import { workStateViews } from "../work-state/views.ts";
import { completeness, type FileFacts, fileParts } from "./decide.ts";

/** Everything this department knows of a household, and how complete its file is today. */
export async function loadFile(tx: Tx<DB>, household: Household, registeredOn: string, today: BusinessDate) {
  const cases = [];
  for (const monitored of await casesOf(tx, household.id))
    cases.push({
      monitored,
      steps: await stepsOf(tx, inclusionChain.name, monitored.id),
      papers: await papersOf(tx, monitored.id),
      helpers: await helpersOf(tx, monitored.id),
      plan: await findPlanOfCase(tx, monitored.id),
      deadlines: await deadlinesOf(tx, "monitored-case", monitored.id),
    });
  const { items: incomes, credits } = await loadIncomes(tx, household, today);
  const members = await membersOf(tx, household.id);
  const ids = members.map(({ id }) => id);
  const work = workStateViews(members, await worksOf(tx, ids), await returneesOf(tx, ids), today);
  const loaded = {
    household,
    members,
    work,
    workHeardUntil: await heardUntil(tx),
    incomes,
    credits,
    leads: await listLeads(tx, { householdId: household.id, limit: 200 }),
    cases,
    measures: await measuresOf(tx, household.id),
    referrals: await referralsOf(tx, household.id),
    visits: await visitsOf(tx, household.id, { from: "2020-01-01", until: today }),
    changes: await changesOf(tx, household.id),
    appeals: await appealsOf(tx, household.id),
    forms: await formsOf(tx, household.id),
  };
  const partsDue = await parameterFor(tx, "file.partsDue", household.region, today);
  const days = await parameterFor(tx, "file.days", household.region, today);
  const parts = fileParts(factsOf(loaded, registeredOn, days.value), { today, partsDue: partsDue.value });
  return { ...loaded, parts, completeness: completeness(parts) };
}
export type LoadedFile = Awaited<ReturnType<typeof loadFile>>;

/** The days on which the parts of the file came to be there, of the household's newest case and lead. */
function factsOf(file: Omit<LoadedFile, "parts" | "completeness">, registeredOn: string, days: number): FileFacts {
  const latest = file.cases.at(-1);
  const lead = file.leads.at(-1);
  const includedOn = latest?.monitored.includedOn ?? null;
  const steps: FileFacts["steps"] = {};
  for (const { step, at } of latest?.steps.filter((taken) => taken.round === 1) ?? []) {
    if (
      step === "authorisation" ||
      step === "comparison" ||
      step === "village-review" ||
      step === "posting" ||
      step === "township-check" ||
      step === "county-approval"
    )
      steps[step] ??= businessDate(at);
  }
  const { plan } = latest ?? {};
  const firstMeasure = file.measures.findLast(({ takenBackOn }) => takenBackOn === null);
  return {
    registeredOn,
    members: file.members.length,
    lead: lead
      ? {
          foundOn: businessDate(lead.foundAt),
          verifiedOn: lead.verifiedAt ? businessDate(lead.verifiedAt) : null,
          rejected: lead.status === "rejected" || lead.status === "merged",
        }
      : null,
    monitoredCase: latest
      ? {
          status: latest.monitored.status,
          includedOn,
          clearedOn: latest.monitored.clearedOn,
          dueOn: includedOn ? dueAfterInclusion(parseBusinessDate(includedOn), days) : null,
        }
      : null,
    steps,
    incomeOn: file.incomes.filter(({ kind }) => kind === "at-inclusion").at(-1)?.until ?? null,
    helperFrom: latest?.helpers[0]?.from ?? null,
    planApprovedOn: plan && plan.status !== "submitted" ? plan.approvedOn : null,
    firstVisitOn: file.visits[0]?.visitedOn ?? null,
    firstMeasureOn: firstMeasure ? businessDate(firstMeasure.implementedAt) : null,
  };
}
