-- The same as before, but each household of the new incomes is looked up by its id. As a plain join the planner, who knows nothing of a table that has just been
-- filled, walked the new rows once for every household of the registry: the more households, the slower each of them.
create or replace function monitoring.keep_income_year() returns trigger language plpgsql as $$
begin
  insert into monitoring.income_year as y (household_id, region, year, watched, per_capita_fen, headcount, net_fen, before_per_capita_fen, before_headcount, before_net_fen)
  select part.household_id, part.region, part.year, h.watched, part.per_capita_fen, part.headcount, part.net_fen,
    part.before_per_capita_fen, part.before_headcount, part.before_net_fen
  from (
    select household_id, region, year, max(per_capita_fen) as per_capita_fen, max(headcount) as headcount, max(net_fen) as net_fen,
      max(before_per_capita_fen) as before_per_capita_fen, max(before_headcount) as before_headcount, max(before_net_fen) as before_net_fen
    from (
      select household_id, region, income_year as year, per_capita_fen, headcount, net_fen,
        null::bigint as before_per_capita_fen, null::integer as before_headcount, null::bigint as before_net_fen
      from fresh where kind = 'annual'
      union all
      select household_id, region, (income_year + 1)::smallint, null, null, null, per_capita_fen, headcount, net_fen from fresh where kind = 'annual'
    ) each group by household_id, region, year
  ) part
  cross join lateral (select monitoring.is_watched(h) as watched from monitoring.household h where h.id = part.household_id limit 1) h
  on conflict (household_id, year) do update set region = excluded.region, watched = excluded.watched,
    per_capita_fen = coalesce(excluded.per_capita_fen, y.per_capita_fen), headcount = coalesce(excluded.headcount, y.headcount),
    net_fen = coalesce(excluded.net_fen, y.net_fen), before_per_capita_fen = coalesce(excluded.before_per_capita_fen, y.before_per_capita_fen),
    before_headcount = coalesce(excluded.before_headcount, y.before_headcount), before_net_fen = coalesce(excluded.before_net_fen, y.before_net_fen);

  if exists (select from fresh where kind in ('monthly', 'quarterly')) then
    insert into monitoring.income_year as y (household_id, region, year, watched, to_date_per_capita_fen, to_date_months)
    select touched.household_id, touched.region, touched.income_year, h.watched, so_far.per_capita_fen, so_far.months
    from (select distinct household_id, region, income_year from fresh where kind in ('monthly', 'quarterly')) touched
    cross join lateral (select monitoring.is_watched(h) as watched from monitoring.household h where h.id = touched.household_id limit 1) h
    cross join lateral (
      select sum(i.per_capita_fen)::bigint as per_capita_fen, sum(case i.kind when 'monthly' then 1 else 3 end)::smallint as months
      from monitoring.household_income i
      where i.household_id = touched.household_id and i.income_year = touched.income_year and (i.kind = 'monthly' or (i.kind = 'quarterly' and not exists (
        select from monitoring.household_income m where m.household_id = i.household_id and m.kind = 'monthly' and m.from_date between i.from_date and i.until_date)))
    ) so_far
    on conflict (household_id, year) do update set region = excluded.region, watched = excluded.watched,
      to_date_per_capita_fen = excluded.to_date_per_capita_fen, to_date_months = excluded.to_date_months;
  end if;
  return null;
end $$;
