-- The standing group of the region, a city or a county. Each change is a row of its own with its document; the newest is the present one and the others its history.
create table monitoring.task_force (
  id uuid constraint task_force_pk primary key,
  region text collate "C" not null,
  from_date date not null,
  until_date date,
  ended_because text,
  version bigint not null default 1,
  constraint task_force_span check (until_date is null or until_date >= from_date),
  -- Only region, cities and counties have one.
  constraint task_force_level check (right(region, 6) = '000000')
);
create unique index task_force_one on monitoring.task_force (region) where until_date is null;
select kit.protect('monitoring.task_force');

create table monitoring.task_force_change (
  id uuid constraint task_force_change_pk primary key,
  task_force_id uuid not null constraint task_force_change_of references monitoring.task_force,
  version bigint not null,
  region text collate "C" not null,
  document text not null,
  -- leader and members with name, office and phone, sealed under this row's id
  people bytea not null,
  members integer not null constraint task_force_change_members check (members >= 1),
  -- the same masked, the leader first
  masked jsonb not null,
  changed_on date not null,
  changed_by text not null,
  at timestamptz not null,
  constraint task_force_change_once unique (task_force_id, version)
);
select kit.protect('monitoring.task_force_change');
