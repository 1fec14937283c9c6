import type { Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { Share } from "../share-indicator.ts";
import type { Department } from "./code-lists.ts";

export type ReferralCount = {
  region: string;
  department: Department;
  sent: number;
  open: number;
  overdue: number;
  accepted: number;
  declined: number;
  delivered: number;
  answeredInTime: number;
};

// A reply in time comes by the end of the day it was due, in Shanghai.
const inTime = sql`answered_at < ((due_on + 1)::timestamp at time zone 'Asia/Shanghai')`;
const late = sql`status in ('sent', 'received') and due_on < kit.today()`;

/** What became of the referrals of an area, by village (or county) and department. */
export async function countReferrals(tx: Tx<DB>, area: { lo: string; hi: string }, digits: number): Promise<ReferralCount[]> {
  const { rows } =
    await sql<ReferralCount>`select rpad(left(region, ${digits}::int), 12, '0') as region, department, count(*) as sent,
      count(*) filter (where status <> 'closed') as open, count(*) filter (where ${late}) as overdue,
      count(*) filter (where answered_at is not null and outcome is distinct from 'not-entitled' and outcome is distinct from 'not-possible'
        and outcome is distinct from 'already-helped') as accepted,
      count(*) filter (where outcome in ('not-entitled', 'already-helped', 'not-possible')) as declined,
      count(*) filter (where delivered_at is not null) as delivered, count(*) filter (where ${inTime}) as "answeredInTime"
    from monitoring.referral where region >= ${area.lo} and region < ${area.hi} group by 1, 2 order by 1, 2`.execute(tx);
  return rows;
}

/** Referrals answered, or whose day for it has passed, and those answered in time. Who withdrew before is owed no reply. */
export async function repliesInTime(tx: Tx<DB>): Promise<Share> {
  const { rows } = await sql<Share>`select count(*) filter (where ${inTime}) as numerator, count(*) as denominator
    from monitoring.referral where answered_at is not null or (${late})`.execute(tx);
  return rows[0] ?? { numerator: 0, denominator: 0 };
}
