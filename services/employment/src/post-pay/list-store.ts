import { firstDayOf, lastDayOf, type Tx } from "@shouwang/service-kit";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { DB } from "../db.ts";
import { boundsOfCounties, standingIn } from "../public-welfare-post/figure-store.ts";
import { heldIn } from "./attendance-store.ts";
import type { ListStatus } from "./decide.ts";

export type PayList = {
  id: string;
  region: string;
  month: string;
  status: ListStatus;
  lines: number;
  amountFen: number;
  held: number;
  missing: number;
  withoutPay: number;
  rejected: number;
  madeBy: string;
  checkedBy: string | null;
  approvedBy: string | null;
  document: string | null;
  jobId: string | null;
  madeOn: string;
  version: number;
};
const columns = sql`id, region, month, status, lines, amount_fen as "amountFen", held, missing, without_pay as "withoutPay", rejected, made_by as "madeBy",
  checked_by as "checkedBy", approved_by as "approvedBy", document, job_id as "jobId", made_on as "madeOn", version`;

/** @returns false where a list of the place and month is under way */
export async function insertList(tx: Tx<DB>, list: PayList): Promise<boolean> {
  const result = await sql`insert into employment.post_pay_list (id, region, month, status, made_by, job_id, made_on)
    values (${list.id}, ${list.region}, ${list.month}, ${list.status}, ${list.madeBy}, ${list.jobId}, ${list.madeOn}) on conflict do nothing`.execute(
    tx,
  );
  return result.numAffectedRows === 1n;
}

export async function saveList(tx: Tx<DB>, list: PayList): Promise<void> {
  await sql`update employment.post_pay_list set status = ${list.status}, lines = ${list.lines}, amount_fen = ${list.amountFen}, held = ${list.held},
    missing = ${list.missing}, without_pay = ${list.withoutPay}, rejected = ${list.rejected}, checked_by = ${list.checkedBy},
    approved_by = ${list.approvedBy}, document = ${list.document}, job_id = ${list.jobId}, version = ${list.version} where id = ${list.id}`.execute(
    tx,
  );
}

export async function lockList(tx: Tx<DB>, id: string): Promise<PayList | undefined> {
  const { rows } = await sql<PayList>`select ${columns} from employment.post_pay_list where id = ${id} for update`.execute(tx);
  return rows[0];
}
export async function findList(tx: Tx<DB>, id: string): Promise<PayList | undefined> {
  const { rows } = await sql<PayList>`select ${columns} from employment.post_pay_list where id = ${id}`.execute(tx);
  return rows[0];
}

/** Lists of the caller's area in order of their id; `limit + 1` rows. */
export async function listLists(
  tx: Tx<DB>,
  filter: { area: { lo: string; hi: string }; month: string | undefined; after: string | undefined; limit: number },
): Promise<PayList[]> {
  const { rows } =
    await sql<PayList>`select ${columns} from employment.post_pay_list where region >= ${filter.area.lo} and region < ${filter.area.hi}
    and (${filter.month ?? null}::text is null or month = ${filter.month ?? null})
    and (${filter.after ?? null}::uuid is null or id > ${filter.after ?? null}::uuid) order by id limit ${filter.limit + 1}`.execute(
      tx,
    );
  return rows;
}

/** Takes the lines of a list away that nobody has approved. */
export async function clearLines(tx: Tx<DB>, list: PayList): Promise<void> {
  await sql`delete from employment.post_pay y where y.list_id = ${list.id} and y.status in ('listed', 'held')`.execute(tx);
}
/** What an approved list came to, over its lines: asked of funds, refused at the approval, and waiting with a doubt. */
export async function sumsOf(
  tx: Tx<DB>,
  listId: string,
): Promise<{ lines: number; amountFen: number; rejected: number; held: number }> {
  const { rows } = await sql<{ lines: number; amountFen: number; rejected: number; held: number }>`
    select count(*) filter (where payment_id is not null) as lines,
      coalesce(sum(amount_fen) filter (where payment_id is not null), 0)::bigint as "amountFen",
      count(*) filter (where payment_id is null and status = 'rejected') as rejected, count(*) filter (where status = 'held') as held
    from employment.post_pay where list_id = ${listId}`.execute(tx);
  const [sums] = rows;
  if (!sums) throw new Error("a sum has one row");
  return sums;
}
/** Lines of earlier lists of the place and month that wait still: a later list looks at them anew. */
export async function clearHeld(tx: Tx<DB>, list: PayList, area: { lo: string; hi: string }): Promise<void> {
  await sql`delete from employment.post_pay y where y.status = 'held' and y.month = ${list.month} and y.region >= ${area.lo} and y.region < ${area.hi}
    and exists (select from employment.post_pay_list l where l.id = y.list_id and l.status = 'approved')`.execute(tx);
}

/** What a chunk of people came to. `last` is the person it ended with; undefined where there was nobody left. */
export type Worked = {
  last: string | undefined;
  lines: number;
  amountFen: number;
  held: number;
  missing: number;
  withoutPay: number;
};

/** E-04: the terms of a post that hold for a month: the last ones confirmed by its first day, else the first. */
const termsInForce = (month: string) => sql`(select t.rate_fen, t.units_per_month, t.standard_fen from employment.post_term t
  where t.post_id = p.id and t.state = 'confirmed'
  order by t.from_date <= ${firstDayOf(month)}::date desc, case when t.from_date <= ${firstDayOf(month)}::date then t.from_date end desc, t.from_date limit 1)`;

/**
 * Works out the pay of the next people of an area in one statement: the days each was at the post, less those of rest and those found to be spent away; the
 * attendance that was checked, up to these days; by the rate that holds for the month. What waits for a doubt to be settled, or is above the ceiling of the
 * month, stands in the list and is not paid. A person has one line, whatever posts were held in the month; who has one elsewhere gets none here.
 */
export async function workOut(
  tx: Tx<DB>,
  list: PayList,
  given: { area: { lo: string; hi: string }; after: string | undefined; people: number },
): Promise<Worked> {
  const { month } = list;
  const first = firstDayOf(month);
  const last = lastDayOf(month);
  const standing = standingIn(await boundsOfCounties(tx, list.region.slice(0, 6), first));
  const ids = Array.from({ length: given.people }, () => uuidv7());
  const { rows } = await sql<Worked>`
    with people as materialized (
      select distinct h.person_id from employment.post_holder h
      where h.region >= ${given.area.lo} and h.region < ${given.area.hi} and ${heldIn(month)}
        and (${given.after ?? null}::uuid is null or h.person_id > ${given.after ?? null}::uuid)
      order by h.person_id limit ${given.people}),
    held as materialized (
      select h.id, h.person_id, h.household_id, h.post_id, h.region, h.from_date,
        datemultirange(daterange(greatest(h.from_date, ${first}::date), least(coalesce(h.until_date, h.agreement_until), ${last}::date), '[]')) as span,
        p.mode, p.source, p.region as post_region, t.rate_fen, t.units_per_month, t.standard_fen, a.units
      from people join employment.post_holder h on h.person_id = people.person_id and ${heldIn(month)}
        join employment.public_welfare_post p on p.id = h.post_id
        cross join lateral ${termsInForce(month)} t
        left join employment.post_attendance a on a.holder_id = h.id and a.month = ${month} and a.checked_on is not null
      where h.region >= ${given.area.lo} and h.region < ${given.area.hi}),
    away as (
      select s.holder_id, range_agg(daterange(s.from_date, s.until_date, '[]')) as days, false as doubted
      from held join employment.post_suspension s on s.holder_id = held.id group by s.holder_id
      union all
      select o.holder_id, range_agg(daterange(w.from_date, w.until_date, '[]')), o.outcome is null or w.id is null
      from held join employment.post_overlap o on o.holder_id = held.id left join employment.work_record w on w.id = o.work_record_id
      -- A record that went with its person to another county cannot be seen here: the month waits, whichever days it is of.
      where case when w.id is null then coalesce(o.outcome, 'true-as-recorded') = 'true-as-recorded'
        else w.voided_on is null and w.scope <> 'in-county' and coalesce(o.outcome, 'true-as-recorded') in ('true-as-recorded', 'true-and-mended') end
      group by o.holder_id, o.outcome is null or w.id is null),
    parts as (
      select held.*, coalesce(doubt.days && held.span, false) as doubted, ${standing} = 'above-ceiling' as above,
        (select coalesce(sum(upper(r) - lower(r)), 0) from unnest(held.span - coalesce(gone.days, '{}'::datemultirange)) r)::int as available
      from held cross join lateral (select held.standard_fen, held.mode, held.post_region as region) p
        left join (select holder_id, range_agg(one) as days from away, unnest(days) as one where not doubted group by holder_id) gone
          on gone.holder_id = held.id
        left join (select holder_id, days from away where doubted) doubt on doubt.holder_id = held.id),
    paid as (
      select parts.*, least(units, case when mode = 'by-task' and available > 0 then units_per_month else available end, units_per_month) as paid_units
      from parts),
    worked as (
      select person_id, (array_agg(household_id order by from_date desc))[1] as household_id, (array_agg(id order by from_date desc))[1] as holder_id,
        (array_agg(post_id order by from_date desc))[1] as post_id, (array_agg(region order by from_date desc))[1] as region,
        array_agg(distinct source) as sources, bool_or(doubted) as doubted, bool_or(above) as above, bool_or(units is null and available > 0) as missing,
        least(coalesce(sum(case when mode = 'by-task' then least(units, available) else least(units, available) end), 0), 31)::int as days,
        coalesce(sum(case when mode = 'monthly' then (rate_fen * paid_units * 2 + units_per_month) / (units_per_month * 2)
          else rate_fen * paid_units end), 0)::bigint as amount_fen
      from paid group by person_id),
    written as (
      insert into employment.post_pay (id, list_id, person_id, household_id, holder_id, post_id, region, month, days, amount_fen, source_kinds, status, because)
      select (${ids}::uuid[])[row_number() over (order by person_id)], ${list.id}, person_id, household_id, holder_id, post_id, region, ${month}, days,
        amount_fen, sources, case when doubted or above then 'held' else 'listed' end,
        case when doubted then 'post-overlaps-work-away' when above then 'above-ceiling' end
      from worked where not missing and amount_fen > 0
      on conflict (person_id, month) where status not in ('rejected', 'clawed-back') do nothing
      returning status, amount_fen)
    select (select max(person_id::text) from people) as last,
      (select count(*)::int from written where status = 'listed') as lines,
      (select coalesce(sum(amount_fen), 0)::bigint from written where status = 'listed') as "amountFen",
      (select count(*)::int from written where status = 'held') as held,
      (select count(*)::int from worked where missing) as missing,
      (select count(*)::int from worked where not missing and amount_fen = 0) as "withoutPay"`.execute(tx);
  const [worked] = rows;
  if (!worked) throw new Error("the chunk answered nothing");
  return { ...worked, last: worked.last ?? undefined };
}
