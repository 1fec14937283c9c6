-- Who is at work where (E-01). A record stands where its person is registered: it goes with the person, so that a county always has all of its people's.
create table employment.work_record (
  id uuid constraint work_record_pk primary key,
  person_id uuid not null,
  -- Household on the first day of work
  household_id uuid not null,
  region text collate "C" not null,
  country text not null,
  place text collate "C",
  scope text not null constraint work_record_scope_known check (scope in ('in-county', 'in-region', 'outside-region', 'abroad')),
  channel text not null,
  industry text,
  credit_code text,
  monthly_wage_fen bigint constraint work_record_wage check (monthly_wage_fen >= 0),
  point_to_point boolean not null default false,
  source text not null,
  from_date date not null,
  until_date date,
  ended_because text,
  -- Employer's name and remarks, sealed under this row's id: people write names into both
  secret bytea,
  checked_on date,
  recorded_by text not null,
  version bigint not null default 1,
  constraint work_record_span check (until_date >= from_date),
  constraint work_record_place check ((country = 'CN') = (place is not null)),
  constraint work_record_end check ((until_date is null) = (ended_because is null))
);
create index work_record_area on employment.work_record (region, id);
create index work_record_person on employment.work_record (person_id, from_date);
create index work_record_household on employment.work_record (household_id);
create unique index work_record_one_open on employment.work_record (person_id) where until_date is null;
select kit.protect_assigned('employment.work_record', 'household_id');

create table employment.planned_departure (
  id uuid constraint planned_departure_pk primary key,
  person_id uuid not null,
  household_id uuid not null,
  region text collate "C" not null,
  leaves_on date not null,
  country text not null,
  place text collate "C",
  needs text[] not null,
  status text not null default 'planned' constraint planned_departure_status_known check (status in ('planned', 'left', 'cancelled')),
  work_record_id uuid,
  recorded_by text not null,
  version bigint not null default 1,
  constraint planned_departure_left check ((status = 'left') = (work_record_id is not null))
);
create index planned_departure_area on employment.planned_departure (region, id);
create unique index planned_departure_one_open on employment.planned_departure (person_id) where status = 'planned';
select kit.protect_assigned('employment.planned_departure', 'household_id');

create or replace function employment.follow_person() returns trigger language plpgsql as $$
begin
  update employment.person_identity set region = new.region, household_id = new.household_id
    where person_id = new.id and (region, household_id) is distinct from (new.region, new.household_id);
  update employment.work_record set region = new.region where person_id = new.id and region <> new.region;
  update employment.planned_departure set region = new.region where person_id = new.id and region <> new.region;
  return null;
end $$;
