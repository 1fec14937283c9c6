-- Visits of a month are one partition: a month of the whole region is ten million rows, and all that is asked of them is asked of a month.
alter table monitoring.visit rename to visit_before;
create table monitoring.visit (
  -- Made on the phone; unique within its month (each partition's primary key), so that what is sent again is the same visit.
  id uuid not null,
  household_id uuid not null,
  -- The household's own, and moves with it: visits follow the household.
  region text collate "C" not null,
  -- Where the household was registered at the time, if it has moved since.
  region_at text collate "C",
  case_id uuid,
  purposes text[] not null constraint visit_purposes check (cardinality(purposes) between 1 and 5),
  mode text not null constraint visit_mode_known check (mode in ('home', 'phone', 'video')),
  visitor text not null,
  visitor_role text not null,
  visited_on date not null,
  synced_at timestamptz not null,
  household_away boolean not null,
  changed boolean not null,
  needs text[] not null,
  note bytea,
  version integer not null default 1,
  -- Taken back by an amendment: it is kept and counts for nothing.
  withdrawn boolean not null default false,
  -- How the household was met in the monthly round, and in a sweep: seen at home, or reached by a call while all of it was away. Null is neither, or another duty.
  round_met text generated always as (case when withdrawn or not 'monthly-round' = any (purposes) then null
    when mode = 'home' and not household_away then 'at-home' when mode <> 'home' and household_away then 'by-call' end) stored,
  sweep_met text generated always as (case when withdrawn or not 'sweep' = any (purposes) then null
    when mode = 'home' and not household_away then 'at-home' when mode <> 'home' and household_away then 'by-call' end) stored
) partition by range (visited_on);
select kit.protect_assigned('monitoring.visit', 'household_id');

-- Makes the partition of a month, which a migration cannot know of. Whoever asks gets nothing but that: the service's role may call it and owns nothing. A
-- partition has no grants of its own (rows are reached through monitoring.visit alone), and all the same the policies of its parent, forced. It is made
-- beside its parent and attached when whole, which keeps nobody waiting.
create function monitoring.create_visit_month(month date) returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  first date := date_trunc('month', create_visit_month.month)::date;
  name text := 'visit_' || to_char(first, 'YYYY_MM');
begin
  if first is null or first not between date '2000-01-01' and date '2100-12-01' then raise exception 'not a month of this platform'; end if;
  if to_regclass('monitoring.' || name) is not null then return false; end if;
  -- The lock that attaching takes anyway, and whoever waited for it sees what was made meanwhile (an advisory lock would leave the catalogue's cache as it was).
  lock table monitoring.visit in share update exclusive mode;
  if to_regclass('monitoring.' || name) is not null then return false; end if;
  -- Rows only ever come: reading by index alone needs vacuum to follow closely.
  execute format('create table monitoring.%I (like monitoring.visit including defaults including generated including constraints,
    constraint %I primary key (id)) with (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02)', name, name || '_pk');
  execute format('revoke all on monitoring.%I from {{app}}', name);
  perform kit.protect_assigned(format('monitoring.%I', name)::regclass, 'household_id');
  execute format('alter table monitoring.visit attach partition monitoring.%I for values from (%L) to (%L)', name, first, (first + interval '1 month')::date);
  return true;
end $$;
revoke execute on function monitoring.create_visit_month(date) from public;
grant execute on function monitoring.create_visit_month(date) to {{app}};

-- Forced row-level security holds for the owner too: the move needs the whole range.
select set_config('sw.lo', '0', true), set_config('sw.hi', 'a', true);
select count(monitoring.create_visit_month(month)) from (select distinct date_trunc('month', visited_on)::date as month from monitoring.visit_before) months;
-- region_at is a column of the table before only where migrations of other capabilities ran first.
insert into monitoring.visit (id, household_id, region, region_at, case_id, purposes, mode, visitor, visitor_role, visited_on, synced_at, household_away, changed, needs, note)
  select id, household_id, region, to_jsonb(v) ->> 'region_at', case_id, purposes, mode, visitor, visitor_role, visited_on, synced_at, household_away, changed, needs, note
  from monitoring.visit_before v;
drop table monitoring.visit_before;
create index visit_of_household on monitoring.visit (household_id, visited_on) include (round_met);
create index visit_swept on monitoring.visit (household_id, visited_on) where sweep_met is not null;

-- Visits follow the household: what a foreign key would do for every visit stored, done when a household moves.
create function monitoring.move_visits() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  update monitoring.visit set region = new.region, region_at = coalesce(region_at, old.region) where household_id = new.id;
  return null;
end $$;
create trigger household_moves_visits after update of region on monitoring.household
  for each row when (old.region is distinct from new.region) execute function monitoring.move_visits();

-- What a township changed in a visit after the fact, with its reason; the visit as it was before stands here for good.
create table monitoring.visit_amendment (
  id uuid constraint visit_amendment_pk primary key,
  visit_id uuid not null,
  visited_on date not null,
  household_id uuid not null,
  region text collate "C" not null,
  kind text not null constraint visit_amendment_kind_known check (kind in ('changed', 'withdrawn', 'added')),
  -- The visit's facts before: mode, day, purposes, presence. Null for one that was added.
  original jsonb,
  -- Why, sealed: free text may name people.
  reason bytea not null,
  after_lock boolean not null,
  amended_by text not null,
  amended_at timestamptz not null,
  constraint visit_amendment_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index visit_amendment_of_visit on monitoring.visit_amendment (visit_id);
select kit.protect_assigned('monitoring.visit_amendment', 'household_id');
