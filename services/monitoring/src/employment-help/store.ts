import { parseBusinessDate, startOfDay, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import type { DB } from "../db.ts";
import type { Share } from "../share-indicator.ts";

type Area = { lo: string; hi: string };
const isJob = sql`m.category in ('job', 'public-welfare-post')`;

/**
 * M-04b: monitored households of an area with somebody able to work, and those of them given development help and job help since they were included. Monitored
 * households are few among all, so each is asked for by itself.
 */
export async function helpOfMonitored(tx: Tx<DB>, { lo, hi }: Area): Promise<{ development: Share; job: Share }> {
  const { rows } = await sql<{ households: number; developed: number; employed: number }>`select count(*) as households,
      count(*) filter (where given.development) as developed, count(*) filter (where given.job) as employed
    from monitoring.household h
    cross join lateral (select included_on from monitoring.monitored_case c where c.household_id = h.id and c.included_on is not null and c.cleared_on is null
      order by c.included_on desc limit 1) c
    cross join lateral (select count(*) > 0 as development, coalesce(bool_or(${isJob}), false) as job from monitoring.measure m
      where m.household_id = h.id and m.development and m.taken_back_on is null
        and m.implemented_at >= c.included_on::timestamp at time zone 'Asia/Shanghai') given
    where h.status = 'active' and h.monitored_kind is not null and not h.risk_cleared and h.able_workers > 0 and h.region >= ${lo} and h.region < ${hi}`.execute(
    tx,
  );
  const { households = 0, developed = 0, employed = 0 } = rows[0] ?? {};
  return {
    development: { numerator: developed, denominator: households },
    job: { numerator: employed, denominator: households },
  };
}

/** M-06: focus households of a year and area, and those of them given job help in it. */
export async function jobHelpOfFocus(tx: Tx<DB>, { year, area }: { year: number; area: Area }): Promise<Share> {
  const [from, until] = [year, year + 1].map((one) => startOfDay(parseBusinessDate(`${one}-01-01`)));
  const { rows } = await sql<Share>`select count(*) as denominator, count(*) filter (where helped > 0) as numerator
    from (select household_id, sum(helped) as helped from (
        select f.household_id, 0 as helped, 1 as listed from monitoring.focus_household f
          where f.year = ${year} and f.removed_on is null and f.region >= ${area.lo} and f.region < ${area.hi}
        union all select m.household_id, 1, 0 from monitoring.measure m
          where ${isJob} and m.taken_back_on is null and m.implemented_at >= ${from} and m.implemented_at < ${until}
            and m.region >= ${area.lo} and m.region < ${area.hi}) laid
      group by household_id having sum(listed) > 0) each`.execute(tx);
  return rows[0] ?? { numerator: 0, denominator: 0 };
}
