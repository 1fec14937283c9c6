import {
  type EventDraft,
  FundSource,
  PostPayApproved,
  PostPayClawedBack,
  PostPayPaid,
  PostPayRejected,
  type PostPayState,
} from "@shouwang/contract";
import { firstDayOf, lastDayOf, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { z } from "zod";
import type { DB } from "../db.ts";
import type { PayStatus } from "./decide.ts";

export type PayLine = {
  id: string;
  listId: string;
  personId: string;
  householdId: string;
  holderId: string;
  postId: string;
  region: string;
  month: string;
  days: number;
  amountFen: number;
  sourceKinds: FundSource[];
  status: PayStatus;
  because: string | null;
  paymentId: string | null;
  paidOn: string | null;
  told: number;
  version: number;
};
const columns = sql`y.id, y.list_id as "listId", y.person_id as "personId", y.household_id as "householdId", y.holder_id as "holderId", y.post_id as "postId",
  y.region, y.month, y.days, y.amount_fen as "amountFen", y.source_kinds as "sourceKinds", y.status, y.because, y.payment_id as "paymentId",
  y.paid_on as "paidOn", y.told, y.version`;

export async function lockLine(tx: Tx<DB>, id: string): Promise<PayLine | undefined> {
  const { rows } = await sql<PayLine>`select ${columns} from employment.post_pay y where y.id = ${id} for update`.execute(tx);
  return rows[0];
}

/** Lines of a list that wait to be asked for, locked, in order of their id. */
export async function lockListed(tx: Tx<DB>, listId: string, limit: number): Promise<PayLine[]> {
  const { rows } =
    await sql<PayLine>`select ${columns} from employment.post_pay y where y.list_id = ${listId} and y.status = 'listed'
    order by y.id limit ${limit} for update`.execute(tx);
  return rows;
}

/** Lines of a list about whose person a doubt was raised since it was worked out: they wait. @returns how many */
export async function holdDoubted(tx: Tx<DB>, list: { id: string; month: string }): Promise<number> {
  const held = await sql`update employment.post_pay y set status = 'held', because = 'post-overlaps-work-away'
    where y.list_id = ${list.id} and y.status = 'listed' and exists (select from employment.post_overlap o
      join employment.post_holder h on h.id = o.holder_id left join employment.work_record w on w.id = o.work_record_id
      where h.person_id = y.person_id and o.outcome is null and (w.id is null or (w.voided_on is null and w.scope <> 'in-county'
        and w.from_date <= least(coalesce(h.until_date, h.agreement_until), ${lastDayOf(list.month)}::date)
        and coalesce(w.until_date, 'infinity'::date) >= greatest(h.from_date, ${firstDayOf(list.month)}::date))))`.execute(tx);
  return Number(held.numAffectedRows ?? 0n);
}

/** Writes where lines now stand, in one statement. */
export async function saveLines(tx: Tx<DB>, lines: readonly PayLine[]): Promise<void> {
  if (lines.length === 0) return;
  const rows = lines.map(({ id, status, because, paymentId, paidOn, told, version }) => ({
    ...{ id, status, because, payment_id: paymentId, paid_on: paidOn, told, version },
  }));
  await sql`update employment.post_pay y set status = row.status, because = row.because, payment_id = row.payment_id, paid_on = row.paid_on, told = row.told,
      version = row.version
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as row (id uuid, status text, because text, payment_id uuid, paid_on date, told bigint, version bigint) where y.id = row.id`.execute(
    tx,
  );
}

const tells = {
  "awaiting-funds": PostPayApproved,
  rejected: PostPayRejected,
  paid: PostPayPaid,
  "clawed-back": PostPayClawedBack,
};
const isTold = (status: PayStatus): status is keyof typeof tells => status in tells;

/** A line as it now stands, and what others are told of it: that it was approved, rejected, paid or got back, each once. */
export function nextLine(before: PayLine, change: Partial<PayLine>): { line: PayLine; events: EventDraft[] } {
  const status = change.status ?? before.status;
  const again = before.told > 0 && status === "awaiting-funds";
  const says = isTold(status) && status !== before.status && !again;
  const line = { ...before, ...change, version: before.version + 1, told: before.told + Number(says) };
  return { line, events: says ? [tells[status].of(line.id, line.told, line.region, stateOf(line, status))] : [] };
}

const stateOf = (line: PayLine, status: keyof typeof tells): z.input<typeof PostPayState> => ({
  ...{ claimId: line.id, personId: line.personId, householdId: line.householdId, region: line.region, amountFen: line.amountFen },
  ...{ status, paidOn: line.paidOn, postId: line.postId, month: line.month, days: line.days },
});

export type LineFilter = {
  area: { lo: string; hi: string };
  listId?: string | undefined;
  month?: string | undefined;
  status?: string | undefined;
  personId?: string | undefined;
  after?: string | undefined;
  limit: number;
};

/** Lines of the caller's area in order of their id, with masked names; `limit + 1` rows. */
export async function listLines(tx: Tx<DB>, filter: LineFilter): Promise<(PayLine & { nameMask: string | null })[]> {
  const when = (value: string | undefined, column: string, type: string) =>
    value === undefined ? sql`` : sql`and ${sql.ref(column)} = ${value}::${sql.raw(type)}`;
  const { rows } = await sql<PayLine & { nameMask: string | null }>`select ${columns},
      (select i.name_mask from employment.person_identity i where i.person_id = y.person_id) as "nameMask"
    from employment.post_pay y where y.region >= ${filter.area.lo} and y.region < ${filter.area.hi}
      ${when(filter.listId, "y.list_id", "uuid")} ${when(filter.month, "y.month", "text")} ${when(filter.status, "y.status", "text")}
      ${when(filter.personId, "y.person_id", "uuid")} ${filter.after === undefined ? sql`` : sql`and y.id > ${filter.after}::uuid`}
    order by y.id limit ${filter.limit + 1}`.execute(tx);
  return rows.map((row) => ({ ...row, sourceKinds: z.array(FundSource).parse(row.sourceKinds) }));
}
