import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import type { Guarantee } from "./decide.ts";

/**
 * Brings the open problems of some households in line with what their rows say of the guarantees: one opens where a guarantee is not met, with the source of
 * that change, and closes where it is met or the household has ended. Done with every change of a household, in its transaction.
 */
export async function keepGuaranteeProblems(
  tx: Tx<DB>,
  householdIds: readonly string[],
  now: Date,
  today: string,
): Promise<void> {
  const ids = [...householdIds];
  const flags = sql`(values ('schooling', h.schooling_ok), ('medicalCare', h.medical_care_ok), ('housing', h.housing_ok), ('drinkingWater', h.drinking_water_ok)) g (guarantee, ok)`;
  // The last change that touched the guarantees, else the registration.
  const origin = sql`left join lateral (select c.source, c.document, c.data_date from monitoring.household_change c
    where c.household_id = h.id and c.changed ? 'guarantees' order by c.version desc limit 1) c on true`;
  const { rows: open } = await sql<{ householdId: string; guarantee: string }>`select h.id as "householdId", g.guarantee
    from monitoring.household h cross join lateral ${flags}
    where h.id = any(${ids}::uuid[]) and h.status = 'active' and g.ok is false
      and not exists (select from monitoring.guarantee_problem p where p.household_id = h.id and p.guarantee = g.guarantee and p.status = 'open')
    order by h.id, g.guarantee`.execute(tx);
  if (open.length > 0)
    await sql`insert into monitoring.guarantee_problem (id, household_id, region, guarantee, since, source, document, opened_at)
      select n.id, h.id, h.region, n.guarantee, coalesce(c.data_date, ${today}::date), coalesce(c.source, 'registration'), c.document, ${now}
      from unnest(${open.map(() => uuidv7())}::uuid[], ${open.map((one) => one.householdId)}::uuid[], ${open.map((one) => one.guarantee)}::text[]) as n (id, household_id, guarantee)
      join monitoring.household h on h.id = n.household_id ${origin} on conflict do nothing`.execute(tx);
  const { rows: over } = await sql<{ id: string }>`select p.id from monitoring.guarantee_problem p
    join monitoring.household h on h.id = p.household_id cross join lateral ${flags}
    where p.household_id = any(${ids}::uuid[]) and p.status = 'open' and g.guarantee = p.guarantee and (g.ok is not false or h.status <> 'active')
    order by p.id`.execute(tx);
  if (over.length > 0)
    await sql`update monitoring.guarantee_problem p set status = case when f.active then 'met' else 'ended' end, closed_on = ${today}::date,
        closing_source = f.source, closing_document = f.document
      from (select h.id, h.status = 'active' as active, c.source, c.document from monitoring.household h ${origin} where h.id = any(${ids}::uuid[])) f
      where p.id = any(${over.map(({ id }) => id)}::uuid[]) and p.household_id = f.id`.execute(tx);
}

/**
 * The open problems of a household that ceases go on with the one it is merged into, since the same day; of two of one kind the older goes on and the other
 * ends. Those that stay behind end with their household. The caller holds both. @returns the ids of those that went
 */
export async function guaranteeProblemsFollow(
  tx: Tx<DB>,
  given: { from: string; to: string; today: string; ids?: readonly string[] },
): Promise<string[]> {
  const wanted = given.ids === undefined ? sql`true` : sql`p.id = any(${[...given.ids]}::uuid[])`;
  const coming = sql`monitoring.guarantee_problem p where p.household_id = ${given.from}::uuid and p.status = 'open' and ${wanted}`;
  await sql`update monitoring.guarantee_problem there set status = 'ended', closed_on = ${given.today}::date, closing_source = 'merge'
    where there.household_id = ${given.to}::uuid and there.status = 'open'
      and exists (select from ${coming} and p.guarantee = there.guarantee and p.since < there.since)`.execute(tx);
  const { rows } = await sql<{ id: string }>`update monitoring.guarantee_problem set household_id = ${given.to}::uuid
    where id in (select p.id from ${coming} and not exists (select from monitoring.guarantee_problem there
      where there.household_id = ${given.to}::uuid and there.status = 'open' and there.guarantee = p.guarantee)) returning id`.execute(
    tx,
  );
  return rows.map(({ id }) => id);
}

export type GuaranteeProblem = {
  id: string;
  householdId: string;
  region: string;
  guarantee: Guarantee;
  since: string;
  source: string;
  document: string | null;
  status: "open" | "met" | "ended";
  closedOn: string | null;
  closingSource: string | null;
  closingDocument: string | null;
  proofFileId: string | null;
};

const columns = sql`id, household_id as "householdId", region, guarantee, since, source, document, status, closed_on as "closedOn",
  closing_source as "closingSource", closing_document as "closingDocument", proof_file_id as "proofFileId"`;

export async function lockProblem(tx: Tx<DB>, id: string): Promise<GuaranteeProblem | undefined> {
  const { rows } =
    await sql<GuaranteeProblem>`select ${columns} from monitoring.guarantee_problem where id = ${id}::uuid for update`.execute(
      tx,
    );
  return rows[0];
}

export async function findProblem(tx: Tx<DB>, id: string): Promise<GuaranteeProblem | undefined> {
  const { rows } =
    await sql<GuaranteeProblem>`select ${columns} from monitoring.guarantee_problem where id = ${id}::uuid`.execute(tx);
  return rows[0];
}

export async function saveProof(tx: Tx<DB>, id: string, fileId: string | null): Promise<void> {
  await sql`update monitoring.guarantee_problem set proof_file_id = ${fileId}::uuid where id = ${id}::uuid`.execute(tx);
}

/** Problems of an area in order of their ids; `limit + 1` rows. */
export async function listProblems(
  tx: Tx<DB>,
  filter: {
    area: { lo: string; hi: string };
    guarantee: string | undefined;
    open: boolean;
    after: string | undefined;
    limit: number;
  },
): Promise<GuaranteeProblem[]> {
  const { rows } = await sql<GuaranteeProblem>`select ${columns} from monitoring.guarantee_problem
    where region >= ${filter.area.lo} and region < ${filter.area.hi} and (status = 'open') = ${filter.open}
      and (${filter.guarantee ?? null}::text is null or guarantee = ${filter.guarantee ?? null})
      and id > ${filter.after ?? "00000000-0000-0000-0000-000000000000"}::uuid order by id limit ${filter.limit + 1}`.execute(tx);
  return rows;
}

export type ProblemCount = { region: string; guarantee: Guarantee; open: number; overdue: number; met: number };

/** Problems by village (or county) and guarantee: open, of these past the day they should be solved by, and met since. */
export async function countProblems(
  tx: Tx<DB>,
  given: { area: { lo: string; hi: string }; digits: number; days: number; today: string },
): Promise<ProblemCount[]> {
  const { rows } = await sql<ProblemCount>`select rpad(left(region, ${given.digits}::int), 12, '0') as region, guarantee,
      count(*) filter (where status = 'open') as open,
      count(*) filter (where status = 'open' and since + ${given.days}::int < ${given.today}::date) as overdue,
      count(*) filter (where status = 'met') as met
    from monitoring.guarantee_problem where region >= ${given.area.lo} and region < ${given.area.hi} group by 1, 2 order by 1, 2`.execute(
    tx,
  );
  return rows;
}

/** Open problems of the caller's area. */
export async function countOpen(tx: Tx<DB>): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from monitoring.guarantee_problem where status = 'open'`.execute(
    tx,
  );
  return rows[0]?.n ?? 0;
}

/** The guarantees of which some households have an open problem. */
export async function openGuarantees(tx: Tx<DB>, householdIds: readonly string[]): Promise<Guarantee[]> {
  const { rows } = await sql<{ guarantee: Guarantee }>`select distinct guarantee from monitoring.guarantee_problem
    where household_id = any(${[...householdIds]}::uuid[]) and status = 'open' order by guarantee`.execute(tx);
  return rows.map(({ guarantee }) => guarantee);
}
