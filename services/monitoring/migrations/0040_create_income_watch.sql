-- M-05: income by source, year and month, and what the income watch needs of it in a narrow form.

-- The year an income counts for is the one its period ends in, whether the income year is the calendar's or runs from October to September.
alter table monitoring.household_income
  add column income_year smallint not null generated always as (extract(year from until_date)) stored,
  add column signature_file uuid,
  add column signature_form uuid,
  add column recorded_by text;
create unique index household_income_annual_once on monitoring.household_income (household_id, income_year) where kind = 'annual';

-- The lines a record was made of, each with whether it counts as income under the settings of its day. The note may name people and is sealed.
create table monitoring.household_income_line (
  income_id uuid not null constraint household_income_line_income references monitoring.household_income,
  household_id uuid not null,
  region text collate "C" not null,
  version bigint not null,
  n smallint not null,
  line text not null,
  amount_fen bigint not null constraint household_income_line_amount check (amount_fen >= 0),
  counts boolean not null,
  note bytea,
  constraint household_income_line_pk primary key (income_id, version, n),
  constraint household_income_line_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
select kit.protect_assigned('monitoring.household_income_line', 'household_id');

-- What a record said before each correction, and why it was corrected.
create table monitoring.household_income_correction (
  income_id uuid not null constraint household_income_correction_income references monitoring.household_income,
  household_id uuid not null,
  region text collate "C" not null,
  version bigint not null,
  headcount integer not null,
  wage_fen bigint not null,
  business_fen bigint not null,
  property_fen bigint not null,
  transfer_fen bigint not null,
  business_cost_fen bigint not null,
  net_fen bigint not null,
  per_capita_fen bigint not null,
  confirmed boolean not null,
  recorded_by text,
  recorded_at timestamptz,
  reason bytea not null,
  corrected_by text not null,
  corrected_at timestamptz not null,
  constraint household_income_correction_pk primary key (income_id, version),
  constraint household_income_correction_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
select kit.protect_assigned('monitoring.household_income_correction', 'household_id');

-- Money other departments paid, credited when it was paid and once per record of theirs.
create table monitoring.income_credit (
  source_department text not null,
  source_id uuid not null,
  household_id uuid not null,
  region text collate "C" not null,
  line text not null,
  amount_fen bigint not null constraint income_credit_amount check (amount_fen > 0),
  paid_on date not null,
  credited_at timestamptz not null,
  constraint income_credit_pk primary key (source_department, source_id),
  constraint income_credit_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index income_credit_of_household on monitoring.income_credit (household_id, paid_on);
select kit.protect_assigned('monitoring.income_credit', 'household_id');

-- A worker's wage that stopped, and whether because of the epidemic. One told of by another department comes once per record of theirs.
create table monitoring.wage_stop (
  id uuid constraint wage_stop_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  person_id uuid not null,
  from_date date not null,
  until_date date,
  epidemic boolean not null,
  source_department text not null,
  source_id uuid,
  recorded_by text not null,
  recorded_at timestamptz not null,
  constraint wage_stop_span check (until_date is null or until_date >= from_date),
  constraint wage_stop_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create unique index wage_stop_source_once on monitoring.wage_stop (source_department, source_id) where source_id is not null;
create unique index wage_stop_one_open on monitoring.wage_stop (person_id) where until_date is null;
create index wage_stop_of_household on monitoring.wage_stop (household_id);
create index wage_stop_area on monitoring.wage_stop (region, household_id) where epidemic;
select kit.protect_assigned('monitoring.wage_stop', 'household_id');

-- One narrow row a household and year: this year's income beside the year before's, and what has come in so far of a year that runs. So each of the plan's
-- conditions is decided within one row, for a million households in one pass over one index. The triggers below keep it, whoever writes.
create table monitoring.income_year (
  household_id uuid not null,
  region text collate "C" not null,
  year smallint not null,
  -- lifted out of poverty or monitored, and there
  watched boolean not null,
  per_capita_fen bigint,
  headcount integer,
  net_fen bigint,
  before_per_capita_fen bigint,
  before_headcount integer,
  before_net_fen bigint,
  -- a person confirmed that income dropped sharply by the epidemic after this year
  dropped boolean not null default false,
  to_date_per_capita_fen bigint,
  to_date_months smallint,
  constraint income_year_pk primary key (household_id, year),
  constraint income_year_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index income_year_watched on monitoring.income_year (year, region, household_id)
  include (per_capita_fen, headcount, net_fen, before_per_capita_fen, before_headcount, before_net_fen, dropped) where watched;
create index income_year_to_date on monitoring.income_year (year, region, household_id)
  include (before_per_capita_fen, to_date_per_capita_fen, to_date_months) where watched and to_date_months is not null;
select kit.protect_assigned('monitoring.income_year', 'household_id');
select kit.protect_for_scans('monitoring.income_year', 'household_id');
select kit.protect_for_scans('monitoring.household', 'id');

create function monitoring.is_watched(household monitoring.household) returns boolean language sql immutable
  as $$ select household.status = 'active' and (household.household_kind = 'lifted-household' or (household.monitored_kind is not null and not household.risk_cleared)) $$;
create index household_watched on monitoring.household (region, id)
  where status = 'active' and (household_kind = 'lifted-household' or (monitored_kind is not null and not risk_cleared));

-- Annual records: a year's row takes its own figures, the next year's row takes them as those of the year before.
-- Monthly and quarterly ones: income to date, over the months there are records of. A quarter counts where none of its months has a record of its own.
create function monitoring.keep_income_year() returns trigger language plpgsql as $$
begin
  insert into monitoring.income_year as y (household_id, region, year, watched, per_capita_fen, headcount, net_fen, before_per_capita_fen, before_headcount, before_net_fen)
  select part.household_id, part.region, part.year, monitoring.is_watched(h), max(part.per_capita_fen), max(part.headcount), max(part.net_fen),
    max(part.before_per_capita_fen), max(part.before_headcount), max(part.before_net_fen)
  from (
    select household_id, region, income_year as year, per_capita_fen, headcount, net_fen,
      null::bigint as before_per_capita_fen, null::integer as before_headcount, null::bigint as before_net_fen
    from fresh where kind = 'annual'
    union all
    select household_id, region, (income_year + 1)::smallint, null, null, null, per_capita_fen, headcount, net_fen from fresh where kind = 'annual'
  ) part join monitoring.household h on h.id = part.household_id
  group by part.household_id, part.region, part.year, h.id
  on conflict (household_id, year) do update set region = excluded.region, watched = excluded.watched,
    per_capita_fen = coalesce(excluded.per_capita_fen, y.per_capita_fen), headcount = coalesce(excluded.headcount, y.headcount),
    net_fen = coalesce(excluded.net_fen, y.net_fen), before_per_capita_fen = coalesce(excluded.before_per_capita_fen, y.before_per_capita_fen),
    before_headcount = coalesce(excluded.before_headcount, y.before_headcount), before_net_fen = coalesce(excluded.before_net_fen, y.before_net_fen);

  if exists (select from fresh where kind in ('monthly', 'quarterly')) then
    insert into monitoring.income_year as y (household_id, region, year, watched, to_date_per_capita_fen, to_date_months)
    select touched.household_id, touched.region, touched.income_year, monitoring.is_watched(h), so_far.per_capita_fen, so_far.months
    from (select distinct household_id, region, income_year from fresh where kind in ('monthly', 'quarterly')) touched
    join monitoring.household h on h.id = touched.household_id
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
create trigger household_income_inserted after insert on monitoring.household_income
  referencing new table as fresh for each statement execute function monitoring.keep_income_year();
create trigger household_income_updated after update on monitoring.household_income
  referencing new table as fresh for each statement execute function monitoring.keep_income_year();

create function monitoring.keep_watched() returns trigger language plpgsql as $$
begin
  update monitoring.income_year set watched = monitoring.is_watched(new) where household_id = new.id;
  return null;
end $$;
create trigger household_watch_changed after update on monitoring.household for each row
  when (monitoring.is_watched(old) is distinct from monitoring.is_watched(new)) execute function monitoring.keep_watched();

-- The incomes that are there already; the owner too sees only the area its transaction names.
select set_config('sw.lo', '0', true), set_config('sw.hi', 'a', true);
insert into monitoring.income_year (household_id, region, year, watched, per_capita_fen, headcount, net_fen, before_per_capita_fen, before_headcount, before_net_fen)
select part.household_id, part.region, part.year, monitoring.is_watched(h), max(per_capita_fen), max(part.headcount), max(net_fen),
  max(before_per_capita_fen), max(before_headcount), max(before_net_fen)
from (
  select household_id, region, income_year as year, per_capita_fen, headcount, net_fen, null::bigint as before_per_capita_fen, null::integer as before_headcount, null::bigint as before_net_fen
  from monitoring.household_income where kind = 'annual'
  union all
  select household_id, region, (income_year + 1)::smallint, null, null, null, per_capita_fen, headcount, net_fen from monitoring.household_income where kind = 'annual'
) part join monitoring.household h on h.id = part.household_id
group by part.household_id, part.region, part.year, h.id;
