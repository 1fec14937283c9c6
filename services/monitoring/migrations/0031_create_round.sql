-- Where a household lives, if not where it is registered (a resettlement site): its grid is there, its file stays with the registration.
alter table monitoring.household add column residence_region text collate "C";
-- The village whose grids it belongs to.
alter table monitoring.household add column place text collate "C" generated always as (coalesce(residence_region, region)) stored;
create index household_place on monitoring.household (place, id) where status = 'active';

-- A household belongs to exactly one grid.
create unique index assignment_one_grid on kit.assignment (household_id) where kind = 'grid' and valid_to is null;
create index assignment_grid on kit.assignment (region, subject) where kind = 'grid' and valid_to is null;

-- The monthly round, rolled up: one row a village and month, one a grid, one a grid and day. Counted anew from the visits whenever they change; frozen at the lock.
create table monitoring.round_village (
  id uuid constraint round_village_pk primary key,
  month text not null constraint round_village_month_written check (month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  region text collate "C" not null,
  households integer not null,
  focus_households integer not null,
  at_home integer not null,
  by_call integer not null,
  focus_at_home integer not null,
  focus_by_call integer not null,
  counted_at timestamptz not null,
  -- Last day the figures changed, and the last of these days that was told of.
  changed_on date not null,
  told_on date,
  locked_at timestamptz,
  version bigint not null default 0,
  constraint round_village_once unique (month, region)
);
create index round_village_to_tell on monitoring.round_village (changed_on) where told_on is distinct from changed_on;
create index round_village_open on monitoring.round_village (month) where locked_at is null;
select kit.protect('monitoring.round_village');

create table monitoring.round_grid (
  id uuid not null default uuidv7() constraint round_grid_pk primary key,
  month text not null,
  region text collate "C" not null,
  -- Sign-in of the grid worker; empty for households that no grid holds.
  subject text not null,
  households integer not null,
  focus_households integer not null,
  at_home integer not null,
  by_call integer not null,
  focus_at_home integer not null,
  focus_by_call integer not null,
  constraint round_grid_once unique (month, region, subject)
);
select kit.protect('monitoring.round_grid');

create table monitoring.round_day (
  month text not null,
  region text collate "C" not null,
  subject text not null,
  day date not null,
  -- Households that the month's round reached first on this day.
  at_home integer not null,
  by_call integer not null,
  constraint round_day_pk primary key (month, region, subject, day)
);
select kit.protect('monitoring.round_day');
grant delete on monitoring.round_grid, monitoring.round_day to {{app}};

-- Villages to be counted anew: only appended, so that nobody who syncs waits for the count. Holds nothing of anybody; the service alone reads it.
create table monitoring.round_mark (
  id bigint generated always as identity constraint round_mark_pk primary key,
  month text not null,
  place text collate "C" not null
);
grant delete on monitoring.round_mark to {{app}};

-- A figure of a locked month that an amendment corrected: what it was before.
create table monitoring.round_correction (
  id uuid constraint round_correction_pk primary key,
  round_village_id uuid not null constraint round_correction_village references monitoring.round_village,
  region text collate "C" not null,
  amendment_id uuid not null constraint round_correction_amendment references monitoring.visit_amendment,
  before jsonb not null,
  at timestamptz not null
);
select kit.protect('monitoring.round_correction');
