import type { PurposeCode } from "@shouwang/plan";
import { type RawBuilder, sql } from "kysely";
import { type BusinessDate, parseBusinessDate } from "./calendar.ts";
import { approvalOf, type ClaimStatus, type HeldKey, type Standing } from "./claim-decide.ts";
import type { Assessment } from "./claim-rule-decide.ts";
import type { Executor } from "./database.ts";

/** A claim of money. `facts` is what it rests on, checked by its kind. */
export type Claim<F = Record<string, unknown>> = {
  id: string;
  kind: string;
  purpose: PurposeCode;
  periodKey: string;
  /** Whose payment it is by its purpose: a person, a household or a thing. */
  subjectId: string;
  personId: string | null;
  householdId: string | null;
  /** Village of registration on the date that counts; it pays, and the claim stays there. */
  region: string;
  /** The date that counts. */
  on: BusinessDate;
  madeOn: BusinessDate;
  facts: F;
  assessment: Assessment;
  submitter: string;
  standing: Standing;
  waitsSince: Date;
  dueAt: Date | null;
  told: number;
  version: number;
};

type Row = {
  id: string;
  kind: string;
  purpose: string;
  period_key: string;
  subject_id: string;
  person_id: string | null;
  household_id: string | null;
  region: string;
  counts_on: string;
  made_on: string;
  facts: Record<string, unknown>;
  assessment: Assessment;
  amount_fen: number | null;
  status: ClaimStatus;
  because: string | null;
  waits_since: Date;
  due_at: Date | null;
  submitter: string;
  approver: string | null;
  approved_on: string | null;
  rejected_on: string | null;
  posting_id: string | null;
  payment_id: string | null;
  keys: HeldKey[];
  paid_on: string | null;
  told: number;
  version: number;
};

function standingOf(row: Row): Standing {
  const { payment_id, approver, approved_on, amount_fen, keys } = row;
  const approval =
    payment_id !== null && approver !== null && approved_on !== null && amount_fen !== null
      ? { paymentId: payment_id, approver, approvedOn: approved_on, amountFen: amount_fen, keys }
      : undefined;
  const standing = {
    status: row.status,
    ...(row.because === null ? {} : { because: row.because }),
    ...(row.posting_id === null ? {} : { postingId: row.posting_id }),
    ...(row.paid_on === null ? {} : { paidOn: row.paid_on }),
    ...(row.rejected_on === null ? {} : { rejectedOn: row.rejected_on }),
    ...(approval === undefined ? {} : { approval }),
  };
  // Safe: `saveClaim` writes these columns from such a standing, and the table's constraints hold what each status needs.
  return standing as Standing;
}

const fromRow = (row: Row): Claim => ({
  id: row.id,
  kind: row.kind,
  // Safe: a kind's own purpose, of the plan's list.
  purpose: row.purpose as PurposeCode,
  periodKey: row.period_key,
  subjectId: row.subject_id,
  personId: row.person_id,
  householdId: row.household_id,
  region: row.region,
  on: parseBusinessDate(row.counts_on),
  madeOn: parseBusinessDate(row.made_on),
  facts: row.facts,
  assessment: row.assessment,
  submitter: row.submitter,
  standing: standingOf(row),
  waitsSince: row.waits_since,
  dueAt: row.due_at,
  told: row.told,
  version: row.version,
});

const columnsOf = (claim: Claim) => {
  const { standing } = claim;
  const approval = approvalOf(standing);
  return {
    amountFen: approval?.amountFen ?? claim.assessment.amountFen,
    because: "because" in standing ? standing.because : null,
    postingId: "postingId" in standing ? (standing.postingId ?? null) : null,
    paidOn: "paidOn" in standing ? standing.paidOn : null,
    rejectedOn: "rejectedOn" in standing ? standing.rejectedOn : null,
    paymentId: approval?.paymentId ?? null,
    approver: approval?.approver ?? null,
    approvedOn: approval?.approvedOn ?? null,
    keys: JSON.stringify(approval?.keys ?? []),
  };
};

/** @returns false where the county has an open claim for the same */
export async function insertClaim(tx: Executor, claim: Claim): Promise<boolean> {
  const { amountFen } = columnsOf(claim);
  const inserted =
    await sql`insert into kit.claim (id, kind, purpose, period_key, subject_id, person_id, household_id, region, counts_on, made_on, facts,
      assessment, amount_fen, status, waits_since, due_at, submitter)
    values (${claim.id}, ${claim.kind}, ${claim.purpose}, ${claim.periodKey}, ${claim.subjectId}, ${claim.personId}, ${claim.householdId}, ${claim.region},
      ${claim.on}, ${claim.madeOn}, ${JSON.stringify(claim.facts)}::jsonb, ${JSON.stringify(claim.assessment)}::jsonb, ${amountFen}, ${claim.standing.status},
      ${claim.waitsSince}, ${claim.dueAt}, ${claim.submitter}) on conflict do nothing`.execute(tx);
  return inserted.numAffectedRows === 1n;
}

/** Writes a claim that was locked; its version is the one it now has. */
export async function saveClaim(tx: Executor, claim: Claim): Promise<void> {
  const own = columnsOf(claim);
  await sql`update kit.claim set facts = ${JSON.stringify(claim.facts)}::jsonb, assessment = ${JSON.stringify(claim.assessment)}::jsonb, counts_on = ${claim.on},
      household_id = ${claim.householdId}, amount_fen = ${own.amountFen}, status = ${claim.standing.status}, because = ${own.because},
      waits_since = ${claim.waitsSince}, due_at = ${claim.dueAt}, submitter = ${claim.submitter}, approver = ${own.approver}, approved_on = ${own.approvedOn},
      rejected_on = ${own.rejectedOn}, posting_id = ${own.postingId}, payment_id = ${own.paymentId}, keys = ${own.keys}::jsonb, paid_on = ${own.paidOn},
      told = ${claim.told}, version = ${claim.version} where id = ${claim.id}`.execute(tx);
}

export async function findClaim(tx: Executor, kind: string, id: string): Promise<Claim | undefined> {
  const { rows } = await sql<Row>`select * from kit.claim where kind = ${kind} and id = ${id}`.execute(tx);
  return rows[0] && fromRow(rows[0]);
}

export async function lockClaim(tx: Executor, kind: string, id: string): Promise<Claim | undefined> {
  const { rows } = await sql<Row>`select * from kit.claim where kind = ${kind} and id = ${id} for update`.execute(tx);
  return rows[0] && fromRow(rows[0]);
}

/** Whether the claim's county has an open one for the same, which another may not be opened beside. */
export async function hasOpenClaim(tx: Executor, { kind, subjectId, periodKey, region }: Claim): Promise<boolean> {
  const { rows } =
    await sql`select from kit.claim where kind = ${kind} and subject_id = ${subjectId} and period_key = ${periodKey}
    and left(region, 6) = ${region.slice(0, 6)} and status not in ('rejected', 'void', 'clawed-back')`.execute(tx);
  return rows.length > 0;
}

/** Posted claims whose posting has run its days without an open objection, in the whole area; the kit's schedule clears them. */
export async function runPostings(tx: Executor, kind: string, today: BusinessDate, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select c.id from kit.claim c join kit.posting p on p.id = c.posting_id
    where c.kind = ${kind} and c.status = 'posted' and p.last_day < ${today}
      and not exists (select from kit.objection o where o.posting_id = p.id and o.answered_at is null) order by c.id limit ${limit}`.execute(
    tx,
  );
  return rows.map(({ id }) => id);
}

/** What claims of a kind are chosen by. */
export type ClaimFilter = {
  area: { lo: string; hi: string };
  statuses?: readonly ClaimStatus[] | undefined;
  /** How its period is written begins like this: a year takes its months. */
  period?: string | undefined;
  personId?: string | undefined;
  /** Waiting longer than the settings allow. */
  lateAt?: Date | undefined;
  listAwaited?: boolean | undefined;
  /** Made, approved or paid in a year or month. */
  madeIn?: string | undefined;
  approvedIn?: string | undefined;
  paidIn?: string | undefined;
};

/** A year's or a month's days: from one, and before another. */
export const daysIn = (period: string): { from: string; before: string } => {
  const [year = 0, month] = period.split("-").map(Number);
  const first = new Date(Date.UTC(year, (month ?? 1) - 1, 1));
  const next = month === undefined ? new Date(Date.UTC(year + 1, 0, 1)) : new Date(Date.UTC(year, month, 1));
  return { from: first.toISOString().slice(0, 10), before: next.toISOString().slice(0, 10) };
};

export const chosenClaims = (kind: string, filter: ClaimFilter): RawBuilder<unknown> => {
  const conditions = [sql`c.kind = ${kind} and c.region >= ${filter.area.lo} and c.region < ${filter.area.hi}`];
  if (filter.statuses) conditions.push(sql`c.status = any(${[...filter.statuses]}::text[])`);
  if (filter.period !== undefined)
    conditions.push(sql`c.period_key >= ${filter.period} and c.period_key < ${`${filter.period}~`}`);
  if (filter.personId !== undefined) conditions.push(sql`c.person_id = ${filter.personId}`);
  if (filter.lateAt) conditions.push(sql`c.due_at < ${filter.lateAt}`);
  if (filter.listAwaited) conditions.push(sql`(c.assessment ->> 'listAwaited')::boolean`);
  for (const [column, period] of [
    [sql`c.made_on`, filter.madeIn],
    [sql`c.approved_on`, filter.approvedIn],
    [sql`c.paid_on`, filter.paidIn],
  ] as const)
    if (period !== undefined) conditions.push(sql`${column} >= ${daysIn(period).from} and ${column} < ${daysIn(period).before}`);
  return sql.join(conditions, sql` and `);
};

/** Claims of the caller's area in order of their id; `limit + 1` rows. */
export async function listClaims(
  tx: Executor,
  kind: string,
  filter: ClaimFilter,
  page: { after: string | undefined; limit: number },
): Promise<Claim[]> {
  const after = page.after === undefined ? sql`true` : sql`c.id > ${page.after}::uuid`;
  const { rows } = await sql<Row>`select c.* from kit.claim c where ${chosenClaims(kind, filter)} and ${after}
    order by c.id limit ${page.limit + 1}`.execute(tx);
  return rows.map(fromRow);
}

/** Claims by id and version, for a bulk command. */
export async function chooseClaims(
  tx: Executor,
  kind: string,
  filter: ClaimFilter,
  limit: number,
): Promise<{ id: string; version: number }[]> {
  const { rows } = await sql<{
    id: string;
    version: number;
  }>`select c.id, c.version from kit.claim c where ${chosenClaims(kind, filter)}
    order by c.id limit ${limit}`.execute(tx);
  return rows;
}
