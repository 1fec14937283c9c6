import { until } from "@shouwang/testkit";
import pg from "pg";
import { expect } from "vitest";
import type { Office } from "../office.testing.ts";
import { county, registerCouple, village } from "../people.testing.ts";

/** Runs SQL past every protection, to look or to arrange. */
export async function admin(office: Office, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: office.adminUrl });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** A household's income of a year, so many fen per member; again for another amount. */
export async function earned(office: Office, householdId: string, year: number, perCapitaFen: number): Promise<void> {
  await admin(
    office,
    `insert into monitoring.household_income (id, household_id, region, kind, from_date, until_date, headcount, wage_fen, business_fen, property_fen, transfer_fen,
       business_cost_fen, net_fen, per_capita_fen, confirmed)
     values (uuidv7(), $1, $2, 'annual', make_date($3, 1, 1), make_date($3, 12, 31), 2, $4, 0, 0, 0, 0, $4, $5, true)
     on conflict (household_id, kind, from_date, until_date) do update set wage_fen = excluded.wage_fen, net_fen = excluded.net_fen, per_capita_fen = excluded.per_capita_fen`,
    [householdId, village, year, perCapitaFen * 2, perCapitaFen],
  );
}

/** A couple with the incomes of 2020 and 2021, per member, where they are known. */
export async function earningCouple(office: Office, before: number | null, base: number | null): Promise<string> {
  const householdId = await registerCouple(office);
  if (before !== null) await earned(office, householdId, 2020, before);
  if (base !== null) await earned(office, householdId, 2021, base);
  return householdId;
}

/** Runs the listing of the test county and answers its totals. */
export async function runListing(office: Office): Promise<Record<string, number>> {
  const officer = office.as("county-officer", county);
  const opened = await officer.post("/focus-lists", { region: county });
  expect(opened.status, JSON.stringify(opened.json)).toBe(202);
  return await until(async () => {
    const job = await officer.get(`/jobs/${opened.json["jobId"]}`);
    expect(job.json["state"]).not.toBe("failed");
    return job.json["state"] === "done" ? Object(job.json["totals"]) : undefined;
  });
}
