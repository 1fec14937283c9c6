import { divisionsUnder, rangeOf } from "@shouwang/regions";
import { parameterFor, parseBusinessDate, readParameters, type Tx } from "@shouwang/service-kit";
import { type RawBuilder, sql } from "kysely";
import type { DB } from "../db.ts";
import { dayThatCounts, type RateStanding } from "./decide.ts";
import { boundKeys, boundsFrom } from "./store.ts";

/** Bounds of each county of an area, as they hold in a day's month. */
export async function boundsOfCounties(tx: Tx<DB>, area: string, day: string) {
  const counties = area.length >= 6 ? [area.slice(0, 6)] : divisionsUnder(area, "county").map(({ code }) => code.slice(0, 6));
  const basis = (await parameterFor(tx, "post.valuesInForceOn", area, day)).value;
  const on = dayThatCounts(basis, parseBusinessDate(day));
  const read = await readParameters(tx, boundKeys, on);
  return counties.map((county) => ({ county, ...boundsFrom(read, county, on) }));
}
type CountyBounds = Awaited<ReturnType<typeof boundsOfCounties>>;

/** `standingOf` for a row `p` of posts: the same comparisons over many rows at once. */
export const standingIn = (bounds: CountyBounds): RawBuilder<RateStanding> => {
  const rows = bounds.map(({ county, wage, lowestWageFen, factor, allowance, floorForAll }) => ({
    ...{ county, wage: wage?.fen ?? null, lowest: lowestWageFen, times: factor.numerator, over: factor.denominator },
    ...{ allowance: allowance?.fen ?? null, for_all: floorForAll },
  }));
  return sql<RateStanding>`(select case
      when b.wage is null and p.standard_fen * b.over > b.lowest * b.times then 'ceiling-unknown'
      when p.standard_fen * b.over > b.wage * b.times then 'above-ceiling'
      when p.standard_fen * b.over = b.wage * b.times then 'at-ceiling'
      when (p.mode = 'monthly' or b.for_all) and p.standard_fen * 12 < b.allowance then 'below-floor'
      else 'within' end
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as b (county text, wage bigint, lowest bigint, times bigint, over bigint, allowance bigint, for_all boolean)
    where b.county = left(p.region, 6))`;
};

/** How many posts in force stand where, and how many of those below the floor say why. */
export async function countStandings(tx: Tx<DB>, area: string, today: string) {
  const { lo, hi } = rangeOf(area);
  const standing = standingIn(await boundsOfCounties(tx, area, today));
  const { rows } = await sql<{ standing: RateStanding; posts: number; explained: number }>`
    select standing, count(*)::int as posts, count(floor_reason)::int as explained
    from (select ${standing} as standing, p.floor_reason from employment.public_welfare_post p
      where p.region >= ${lo} and p.region < ${hi} and p.status = 'open' and p.from_date <= ${today}
        and coalesce(p.until_date, 'infinity'::date) >= ${today}) posts group by standing`.execute(tx);
  const of = (which: RateStanding) => rows.find((row) => row.standing === which) ?? { posts: 0, explained: 0 };
  return { of, posts: rows.reduce((sum, row) => sum + row.posts, 0) };
}

/**
 * E-05: approved headcount of the posts that were in force on any of these days, carried over or new: of each post the most that was approved for any of them.
 * And that of the posts which began on one of them.
 */
export async function countPlaces(tx: Tx<DB>, area: string, days: { from: string; to: string }) {
  const { lo, hi } = rangeOf(area);
  const { rows } = await sql<{ inForce: number; opened: number }>`
    select coalesce(sum(most), 0)::int as "inForce", coalesce(sum(most) filter (where from_date >= ${days.from}), 0)::int as opened
    from (select p.from_date, max(t.headcount) as most
      from employment.public_welfare_post p join (select post_id, headcount, from_date,
          lead(from_date) over (partition by post_id order by from_date, n) as next_from
        from employment.post_term where state = 'confirmed' and region >= ${lo} and region < ${hi}) t on t.post_id = p.id
      where p.region >= ${lo} and p.region < ${hi} and p.status in ('open', 'closed') and p.from_date <= ${days.to}
        and coalesce(p.until_date, 'infinity'::date) >= ${days.from}
        and t.from_date <= least(${days.to}::date, coalesce(p.until_date, 'infinity'::date))
        and coalesce(t.next_from, 'infinity'::date) > greatest(${days.from}::date, p.from_date)
      group by p.id, p.from_date) posts`.execute(tx);
  return rows[0] ?? { inForce: 0, opened: 0 };
}
