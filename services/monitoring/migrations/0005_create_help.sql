create table monitoring.helper (
  id uuid constraint helper_pk primary key,
  case_id uuid not null constraint helper_case references monitoring.monitored_case,
  household_id uuid not null,
  region text collate "C" not null,
  subject text not null,
  -- name, unit and phone of the helper, sealed under this row's id
  secret bytea not null,
  name_mask text not null,
  from_date date not null,
  until_date date,
  released_because text,
  assigned_by text not null,
  assigned_at timestamptz not null,
  version bigint not null default 1,
  constraint helper_span check (until_date is null or until_date >= from_date)
);
create unique index helper_once on monitoring.helper (case_id, subject) where until_date is null;
create index helper_of_case on monitoring.helper (case_id);
select kit.protect_assigned('monitoring.helper', 'household_id');

create table monitoring.household_plan (
  id uuid constraint household_plan_pk primary key,
  case_id uuid not null constraint household_plan_one_per_case unique constraint household_plan_case references monitoring.monitored_case,
  household_id uuid not null,
  region text collate "C" not null,
  status text not null constraint household_plan_status_known check (status in ('submitted', 'approved', 'closed')),
  revision integer not null default 1,
  submitted_by text not null,
  approved_by text,
  approved_on date,
  version bigint not null default 1
);
select kit.protect_assigned('monitoring.household_plan', 'household_id');
create table monitoring.household_plan_item (
  id uuid constraint household_plan_item_pk primary key,
  plan_id uuid not null constraint household_plan_item_plan references monitoring.household_plan,
  household_id uuid not null,
  region text collate "C" not null,
  revision integer not null,
  risk text not null,
  category text not null,
  due_on date not null,
  status text not null constraint household_plan_item_status_known check (status in ('planned', 'doing', 'done', 'confirmed', 'cancelled')),
  detail bytea
);
create index household_plan_item_of_plan on monitoring.household_plan_item (plan_id);
select kit.protect_assigned('monitoring.household_plan_item', 'household_id');

-- Help really given, with its day; a plan item is not one (M-03).
create table monitoring.measure (
  id uuid constraint measure_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  lead_id uuid,
  case_id uuid,
  plan_item_id uuid,
  category text not null,
  development boolean not null,
  epidemic boolean not null,
  implemented_at timestamptz not null,
  amount_fen bigint constraint measure_amount check (amount_fen >= 0),
  source_department text not null,
  source_id uuid,
  file_id uuid,
  recorded_by text not null,
  recorded_at timestamptz not null
);
create unique index measure_source_once on monitoring.measure (source_department, source_id) where source_id is not null;
create index measure_of_household on monitoring.measure (household_id, implemented_at);
select kit.protect_assigned('monitoring.measure', 'household_id');

create table monitoring.visit (
  id uuid constraint visit_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
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
  note bytea
);
create index visit_of_household on monitoring.visit (household_id, visited_on);
create index visit_month on monitoring.visit (region, visited_on);
select kit.protect_assigned('monitoring.visit', 'household_id');
