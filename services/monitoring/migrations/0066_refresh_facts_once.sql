-- A list of households is stored in half the time for the facts: they are worked out once when households come in together with their members, and written
-- once, complete, where they were written empty first and updated then. And whoever fills an empty registry lets the database count what is in it.
create or replace function monitoring.refresh_facts(ids uuid[]) returns void language plpgsql set enable_nestloop = off as $$
declare
  today date := kit.today();
  year_ago date := (kit.today() - interval '1 year')::date;
begin
  if cardinality(ids) = 0 then return; end if;
  delete from monitoring.household_fact f using monitoring.household h
    where f.household_id = any (ids) and h.id = f.household_id and h.status not in ('active', 'moving');
  -- Of two writers the later one waits here, and its next statement sees what the earlier one recorded.
  perform from monitoring.household_fact where household_id = any (ids) order by household_id for update;

  with member as materialized (
    select id, household_id, birth_date, able_worker, health from monitoring.person where household_id = any (ids) and status = 'member'
  ), r as materialized (
    select r.id, r.household_id, r.person_id, r.kind, r.day, r.code, r.amount_fen, m.birth_date, m.able_worker
    from monitoring.department_record r left join member m on m.id = r.person_id and m.household_id = r.household_id
    where r.household_id = any (ids) and (r.person_id is null or m.id is not null)
  ), window_sum as (
    select household_id, sum(amount_fen) filter (where kind = 'medical-bill') as medical, sum(amount_fen) filter (where kind = 'disaster-loss') as disaster,
      min(day) as oldest
    from r where kind in ('medical-bill', 'disaster-loss') and day > year_ago and day <= today group by household_id
  ), latest as (
    select distinct on (household_id, kind, person_id) * from r where kind in ('schooling', 'housing', 'water', 'employment', 'low-income')
    order by household_id, kind, person_id, day desc, id desc
  ), state as (
    select household_id,
      count(*) filter (where kind = 'schooling' and code = 'dropped-out' and birth_date + interval '6 years' <= today and birth_date + interval '16 years' > today) as dropouts,
      min(greatest(birth_date + interval '6 years', birth_date + interval '16 years' * (birth_date + interval '6 years' <= today)::int)::date)
        filter (where kind = 'schooling' and code = 'dropped-out' and birth_date + interval '16 years' > today) as next_birthday,
      count(*) filter (where kind = 'schooling') as schoolings,
      min(day) filter (where kind = 'employment' and code = 'wage-stopped') as wage_stopped_on,
      count(*) filter (where kind = 'employment' and code = 'unemployed') as unemployed,
      count(*) filter (where kind = 'employment') as employments,
      max(day) filter (where kind = 'low-income' and code <> 'ended') as low_income_added_on,
      max(day) filter (where kind = 'low-income' and code = 'ended') as low_income_ended_on,
      max(ascii(code) - 64) filter (where kind = 'housing') as housing_grade,
      max((code = 'unsafe')::int) filter (where kind = 'water') as unsafe_water
    from latest group by household_id
  ), single as (
    select household_id, max(day) filter (where kind = 'disability') as certified_on,
      max(day) filter (where kind = 'accident') as accident_on, max(day) filter (where kind = 'death' and able_worker) as worker_died_on,
      count(*) filter (where kind = 'asset-check') as asset_checks
    from r where kind in ('disability', 'accident', 'death', 'asset-check') group by household_id
  ), certified as (
    select distinct person_id from r where kind = 'disability'
  ), members as (
    select m.household_id, count(*) filter (where 'disabled' = any (m.health) or c.person_id is not null) as disabled
    from member m left join certified c on c.person_id = m.id group by m.household_id
  ), died as (
    -- Who died is no member any more; that a worker did stands in what changed of the person.
    select household_id, max(on_date) as worker_died_on from monitoring.person_change
    where household_id = any (ids) and because = 'death' and changed #>> '{ableWorker,from}' = 'true' group by household_id
  ), year as (
    select household_id, max(net_fen) filter (where n = 1) as net_fen, max(per_capita_fen) filter (where n = 1) as per_capita_fen,
      max(per_capita_fen) filter (where n = 2) as previous_per_capita_fen
    from (select household_id, net_fen, per_capita_fen, row_number() over (partition by household_id order by until_date desc, id desc) as n
      from monitoring.household_income where household_id = any (ids) and kind = 'annual') each where n <= 2 group by household_id
  )
  insert into monitoring.household_fact as f (household_id, region, medical_self_paid_fen, disaster_loss_fen,
    annual_net_income_fen, annual_per_capita_fen, previous_per_capita_fen, headcount, able_workers, disabled_members, dropouts, unemployed_members,
    housing_grade, unsafe_water, asset_checks, lifted, monitored, disability_certified_on, wage_stopped_on, low_income_added_on, low_income_ended_on,
    accident_on, worker_died_on, next_change_on)
  select h.id, h.region, w.medical, w.disaster, y.net_fen, y.per_capita_fen, y.previous_per_capita_fen, h.headcount, h.able_workers, coalesce(m.disabled, 0),
    case when s.schoolings > 0 then s.dropouts end, case when s.employments > 0 then s.unemployed end,
    s.housing_grade, s.unsafe_water, coalesce(g.asset_checks, 0),
    (h.household_kind = 'lifted-household')::int, (h.monitored_kind is not null and not h.risk_cleared)::int,
    g.certified_on, s.wage_stopped_on, s.low_income_added_on, s.low_income_ended_on, g.accident_on, greatest(g.worker_died_on, d.worker_died_on),
    least(case when w.oldest is not null then greatest((w.oldest + interval '1 year')::date, today + 1) end, s.next_birthday)
  from monitoring.household h
    left join window_sum w on w.household_id = h.id left join state s on s.household_id = h.id left join single g on g.household_id = h.id
    left join members m on m.household_id = h.id left join died d on d.household_id = h.id left join year y on y.household_id = h.id
  where h.id = any (ids) and h.status in ('active', 'moving')
  order by h.id
  on conflict (household_id) do update set region = excluded.region,
    medical_self_paid_fen = excluded.medical_self_paid_fen, disaster_loss_fen = excluded.disaster_loss_fen, annual_net_income_fen = excluded.annual_net_income_fen,
    annual_per_capita_fen = excluded.annual_per_capita_fen, previous_per_capita_fen = excluded.previous_per_capita_fen, headcount = excluded.headcount,
    able_workers = excluded.able_workers, disabled_members = excluded.disabled_members, dropouts = excluded.dropouts,
    unemployed_members = excluded.unemployed_members, housing_grade = excluded.housing_grade, unsafe_water = excluded.unsafe_water,
    asset_checks = excluded.asset_checks, lifted = excluded.lifted, monitored = excluded.monitored,
    disability_certified_on = excluded.disability_certified_on, wage_stopped_on = excluded.wage_stopped_on, low_income_added_on = excluded.low_income_added_on,
    low_income_ended_on = excluded.low_income_ended_on, accident_on = excluded.accident_on, worker_died_on = excluded.worker_died_on,
    next_change_on = excluded.next_change_on;

  insert into monitoring.household_fact_source as s (household_id, region, sources)
    select h.id, h.region, jsonb_build_object('registry', jsonb_build_array('household-registry', (h.updated_at at time zone 'Asia/Shanghai')::date, h.version))
        || coalesce(i.sources, '{}') || coalesce(r.sources, '{}')
    from monitoring.household_fact f join monitoring.household h on h.id = f.household_id
    left join (select household_id, jsonb_object_agg(case n when 1 then 'income' else 'previous-income' end,
        jsonb_build_array('household-income', until_date, id || ' ' || version)) as sources
      from (select household_id, id, version, until_date, row_number() over (partition by household_id order by until_date desc, id desc) as n
        from monitoring.household_income where household_id = any (ids) and kind = 'annual') each where n <= 2 group by household_id) i on i.household_id = h.id
    left join (select household_id, jsonb_object_agg(kind, jsonb_build_array(department || ' ' || document, last_day, id)) as sources
      from (select distinct on (household_id, kind) household_id, kind, id, department, document, max(day) over (partition by household_id, kind) as last_day
        from monitoring.department_record where household_id = any (ids) order by household_id, kind, id desc) newest group by household_id) r on r.household_id = h.id
    where f.household_id = any (ids) and h.id = any (ids)
    on conflict (household_id) do update set region = excluded.region, sources = excluded.sources where s.sources <> excluded.sources or s.region <> excluded.region;
end $$;

-- Households that come in one statement with their members are left to the members' own trigger, which runs after them all.
create or replace function monitoring.facts_of_household_changed() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform monitoring.refresh_facts(array(select h.id from after_rows h
      where (select p.household_id from monitoring.person p where p.household_id = h.id limit 1) is null));
  else
    perform monitoring.refresh_facts(array(select a.id from after_rows a join before_rows b using (id)
      where (a.status, a.headcount, a.able_workers, a.household_kind, a.monitored_kind, a.risk_cleared)
        is distinct from (b.status, b.headcount, b.able_workers, b.household_kind, b.monitored_kind, b.risk_cleared)));
  end if;
  return null;
end $$;

grant maintain on monitoring.household, monitoring.person, monitoring.name_token, monitoring.household_fact, monitoring.household_fact_source,
  monitoring.household_change, monitoring.suspect to {{app}};
