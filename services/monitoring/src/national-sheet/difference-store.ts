import { type Keys, maskIdentityNumber, maskName, maskPhone, type ReceivedList, type Tx } from "@shouwang/service-kit";
import { type Selectable, sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB, MonitoringNationalDifference } from "../db.ts";
import { raiseSuspect } from "../suspect/run.ts";
import { type Difference, isDisagreement } from "./compare.ts";

/** A difference as it was found in a household. */
export type Found = Difference & { householdId: string; region: string };

const masks = { name: maskName, identityNumber: maskIdentityNumber, phone: maskPhone };
const masked = (value: string | null, { personal }: Difference): string | null =>
  value !== null && personal ? masks[personal](value) : value;

/** The comparison's stable code in the workbench of suspects. */
export const ruleOf = (field: string): string => {
  if (field === "member") return "national-member-not-listed";
  if (field.startsWith("member-")) return "national-member-not-registered";
  return `national-${field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
};

/**
 * Keeps what the two say differently and asks the village about it, as suspects: both values, both sources, both dates. What was decided on the same values is not asked
 * again, and nothing of the registry changes. A trial asks nobody; where the registry says nothing there is nothing to decide. The caller holds the households.
 * @returns how many suspects are new, and how many were open or decided before
 */
export async function keepDifferences(
  tx: Tx<DB>,
  keys: Keys,
  sheet: ReceivedList,
  found: readonly Found[],
  given: { now: Date; today: string },
): Promise<{ asked: number; known: number; gaps: number }> {
  const counts = { asked: 0, known: 0, gaps: 0 };
  for (const difference of found) {
    if (!isDisagreement(difference)) counts.gaps += 1;
    else if (!sheet.dryRun) counts[(await ask(tx, keys, sheet, difference, given)) ? "asked" : "known"] += 1;
  }
  await insertDifferences(tx, sheet, found);
  return counts;
}

async function ask(
  tx: Tx<DB>,
  keys: Keys,
  sheet: ReceivedList,
  { householdId, region, personId, field, ours, theirs, personal }: Found,
  { now, today }: { now: Date; today: string },
): Promise<boolean> {
  const kind = personal === undefined ? {} : { personal };
  return await raiseSuspect(
    tx,
    keys,
    {
      ...{ householdId, region, personId, field },
      ruleCode: ruleOf(field),
      raisedBy: "national-system",
      values: [
        { field, value: ours, source: "registry", department: "monitoring", date: today, ...kind },
        { field, value: theirs, source: sheet.document, department: "national-system", date: sheet.dataDate, ...kind },
      ],
    },
    now,
  );
}

async function insertDifferences(tx: Tx<DB>, sheet: ReceivedList, found: readonly Found[]): Promise<void> {
  if (found.length === 0) return;
  const of = <T>(value: (difference: Found) => T) => found.map(value);
  const state = (difference: Found) => (!isDisagreement(difference) ? "gap" : sheet.dryRun ? "trial" : "asked");
  // The suspect about it is the newest of its household, comparison, person and field, open or decided.
  await sql`insert into monitoring.national_difference (id, sheet_id, kind, document, data_date, household_id, region, person_id, line, field, ours, theirs, state, suspect_id)
    select n.id, ${sheet.id}, ${sheet.kind}, ${sheet.document}, ${sheet.dataDate}::date, n.household_id, n.region, n.person_id, n.line, n.field, n.ours, n.theirs, n.state, s.id
    from unnest(${of(() => uuidv7())}::uuid[], ${of(({ householdId }) => householdId)}::uuid[], ${of(({ region }) => region)}::text[], ${of(({ personId }) => personId)}::uuid[],
        ${of(({ line }) => line)}::int[], ${of(({ field }) => field)}::text[], ${of((one) => masked(one.ours, one))}::text[], ${of((one) => masked(one.theirs, one))}::text[],
        ${of(state)}::text[], ${of(({ field }) => ruleOf(field))}::text[]) as n (id, household_id, region, person_id, line, field, ours, theirs, state, rule)
    left join lateral (select id from monitoring.suspect where n.state = 'asked' and household_id = n.household_id and rule_code = n.rule and field = n.field
        and person_id is not distinct from n.person_id order by id desc limit 1) s on true`.execute(tx);
}

export type StoredDifference = {
  id: string;
  sheetId: string;
  kind: string;
  document: string;
  dataDate: string;
  householdId: string;
  region: string;
  personId: string | null;
  line: number | null;
  field: string;
  ours: string | null;
  theirs: string | null;
  state: "asked" | "gap" | "trial";
  adoptedAt: Date | null;
  suspect: { id: string; status: string; outcome: string | null } | null;
};

type Row = Selectable<MonitoringNationalDifference> & { suspect_status: string | null; suspect_outcome: string | null };
const fromRow = (row: Row): StoredDifference => ({
  id: row.id,
  sheetId: row.sheet_id,
  kind: row.kind,
  document: row.document,
  dataDate: row.data_date,
  householdId: row.household_id,
  region: row.region,
  personId: row.person_id,
  line: row.line,
  field: row.field,
  ours: row.ours,
  theirs: row.theirs,
  // Safe: a check constraint holds the column to these.
  state: row.state as StoredDifference["state"],
  adoptedAt: row.adopted_at,
  suspect:
    row.suspect_id === null || row.suspect_status === null
      ? null
      : { id: row.suspect_id, status: row.suspect_status, outcome: row.suspect_outcome },
});

const withSuspect = (tx: Tx<DB>) =>
  tx
    .selectFrom("monitoring.national_difference as d")
    .leftJoin("monitoring.suspect as s", "s.id", "d.suspect_id")
    .selectAll("d")
    .select(["s.status as suspect_status", "s.outcome as suspect_outcome"]);

export type DifferenceFilter = {
  sheetId?: string | undefined;
  state?: string | undefined;
  field?: string | undefined;
  householdId?: string | undefined;
  open?: boolean | undefined;
  after: string | undefined;
  limit: number;
};

/** What sheets say differently of the households of the caller's area, in the order of their ids; `limit + 1` rows. */
export async function listDifferences(tx: Tx<DB>, filter: DifferenceFilter): Promise<StoredDifference[]> {
  let query = withSuspect(tx)
    .orderBy("d.id")
    .limit(filter.limit + 1);
  if (filter.sheetId) query = query.where("d.sheet_id", "=", filter.sheetId);
  if (filter.state) query = query.where("d.state", "=", filter.state);
  if (filter.field) query = query.where("d.field", "=", filter.field);
  if (filter.householdId) query = query.where("d.household_id", "=", filter.householdId);
  if (filter.open) query = query.where("s.status", "!=", "closed");
  if (filter.after) query = query.where("d.id", ">", filter.after);
  return (await query.execute()).map(fromRow);
}

export async function findDifference(tx: Tx<DB>, id: string): Promise<StoredDifference | undefined> {
  const row = await withSuspect(tx).where("d.id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

export async function saveAdoption(tx: Tx<DB>, id: string, given: { by: string; at: Date }): Promise<void> {
  await tx
    .updateTable("monitoring.national_difference")
    .set({ adopted_by: given.by, adopted_at: given.at })
    .where("id", "=", id)
    .execute();
}
