-- What the screening rules may ask of a household: one narrow row each, and a row beside it that says where every fact comes from. Triggers keep both up in the
-- transaction that changes what they rest on, so that no writer can forget it. Facts that change as days go by are days themselves (a rule counts the days
-- since), or windows whose next edge stands in next_change_on: whoever needs them afterwards, or a schedule, works the row out again from that day on.
create table monitoring.household_fact (
  household_id uuid constraint household_fact_pk primary key,
  region text collate "C" not null,
  medical_self_paid_fen bigint,
  annual_net_income_fen bigint,
  annual_per_capita_fen bigint,
  previous_per_capita_fen bigint,
  disaster_loss_fen bigint,
  headcount integer,
  able_workers integer,
  disabled_members integer,
  dropouts integer,
  unemployed_members integer,
  housing_grade integer constraint household_fact_housing_grade check (housing_grade between 1 and 4),
  unsafe_water integer,
  asset_checks integer,
  lifted integer,
  monitored integer,
  disability_certified_on date,
  wage_stopped_on date,
  low_income_added_on date,
  low_income_ended_on date,
  accident_on date,
  worker_died_on date,
  next_change_on date,
  constraint household_fact_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index household_fact_area on monitoring.household_fact (region, household_id);
create index household_fact_due on monitoring.household_fact (next_change_on) where next_change_on is not null;
grant delete on monitoring.household_fact to {{app}};

create table monitoring.household_fact_source (
  household_id uuid constraint household_fact_source_pk primary key constraint household_fact_source_fact references monitoring.household_fact on delete cascade,
  region text collate "C" not null,
  -- By what was recorded: [source, day it is of, the newest record behind it].
  sources jsonb not null,
  constraint household_fact_source_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);

select monitoring.protect_at_once('monitoring.household_fact');
select monitoring.protect_at_once('monitoring.household_fact_source');

-- Works the facts of some households out anew. Their rows are locked first, so that of two writers the later one sees what the earlier one recorded. Every table is
-- read once, by these households; loops are off, since right after many rows came in the planner does not know yet how many there are.
create function monitoring.refresh_facts(ids uuid[]) returns void language plpgsql set enable_nestloop = off as $$
declare
  today date := kit.today();
  year_ago date := (kit.today() - interval '1 year')::date;
begin
  if cardinality(ids) = 0 then return; end if;
  delete from monitoring.household_fact f where f.household_id = any (ids)
    and f.household_id <> all (array(select id from monitoring.household where id = any (ids) and status in ('active', 'moving')));
  insert into monitoring.household_fact (household_id, region)
    select id, region from monitoring.household where id = any (ids) and status in ('active', 'moving') order by id on conflict do nothing;
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
  update monitoring.household_fact f set region = h.region,
    medical_self_paid_fen = w.medical, disaster_loss_fen = w.disaster,
    annual_net_income_fen = y.net_fen, annual_per_capita_fen = y.per_capita_fen, previous_per_capita_fen = y.previous_per_capita_fen,
    headcount = h.headcount, able_workers = h.able_workers, disabled_members = coalesce(m.disabled, 0),
    dropouts = case when s.schoolings > 0 then s.dropouts end, unemployed_members = case when s.employments > 0 then s.unemployed end,
    housing_grade = s.housing_grade, unsafe_water = s.unsafe_water, asset_checks = coalesce(g.asset_checks, 0),
    lifted = (h.household_kind = 'lifted-household')::int, monitored = (h.monitored_kind is not null and not h.risk_cleared)::int,
    disability_certified_on = g.certified_on, wage_stopped_on = s.wage_stopped_on,
    low_income_added_on = s.low_income_added_on, low_income_ended_on = s.low_income_ended_on,
    accident_on = g.accident_on, worker_died_on = greatest(g.worker_died_on, d.worker_died_on),
    next_change_on = least(case when w.oldest is not null then greatest((w.oldest + interval '1 year')::date, today + 1) end, s.next_birthday)
  from monitoring.household h
    left join window_sum w on w.household_id = h.id left join state s on s.household_id = h.id left join single g on g.household_id = h.id
    left join members m on m.household_id = h.id left join died d on d.household_id = h.id left join year y on y.household_id = h.id
  where f.household_id = any (ids) and h.id = any (ids) and h.id = f.household_id;

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

create function monitoring.facts_of_household_changed() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform monitoring.refresh_facts(array(select id from after_rows));
  else
    perform monitoring.refresh_facts(array(select a.id from after_rows a join before_rows b using (id)
      where (a.status, a.headcount, a.able_workers, a.household_kind, a.monitored_kind, a.risk_cleared)
        is distinct from (b.status, b.headcount, b.able_workers, b.household_kind, b.monitored_kind, b.risk_cleared)));
  end if;
  return null;
end $$;
create trigger facts_of_new_household after insert on monitoring.household referencing new table as after_rows
  for each statement execute function monitoring.facts_of_household_changed();
create trigger facts_of_changed_household after update on monitoring.household referencing old table as before_rows new table as after_rows
  for each statement execute function monitoring.facts_of_household_changed();

-- New income periods, new records: the rows name their household.
create function monitoring.facts_of_rows_changed() returns trigger language plpgsql as $$
begin
  perform monitoring.refresh_facts(array(select distinct household_id from after_rows where household_id is not null));
  return null;
end $$;
create trigger facts_of_new_income after insert on monitoring.household_income referencing new table as after_rows
  for each statement execute function monitoring.facts_of_rows_changed();
create trigger facts_of_changed_income after update on monitoring.household_income referencing new table as after_rows
  for each statement execute function monitoring.facts_of_rows_changed();
create trigger facts_of_new_record after insert on monitoring.department_record referencing new table as after_rows
  for each statement execute function monitoring.facts_of_rows_changed();
create trigger facts_of_new_person after insert on monitoring.person referencing new table as after_rows
  for each statement execute function monitoring.facts_of_rows_changed();

-- What departments sent of a person goes with the person into another household.
create function monitoring.facts_of_person_changed() returns trigger language plpgsql as $$
begin
  update monitoring.department_record r set household_id = a.household_id, region = a.region
    from after_rows a join before_rows b using (id)
    where r.person_id = a.id and a.household_id is not null and a.household_id is distinct from b.household_id;
  perform monitoring.refresh_facts(array(select distinct u.household_id from after_rows a join before_rows b using (id), unnest(array[a.household_id, b.household_id]) as u (household_id)
    where u.household_id is not null and (a.household_id, a.status, a.health, a.able_worker, a.birth_date) is distinct from (b.household_id, b.status, b.health, b.able_worker, b.birth_date)));
  return null;
end $$;
create trigger facts_of_changed_person after update on monitoring.person referencing old table as before_rows new table as after_rows
  for each statement execute function monitoring.facts_of_person_changed();

-- The households that are there wait for the schedule to work their facts out.
select set_config('sw.lo', '0', true), set_config('sw.hi', 'a', true);
insert into monitoring.household_fact (household_id, region, next_change_on)
  select id, region, '2000-01-01' from monitoring.household where status in ('active', 'moving');
