-- What a department that reads the registry keeps of it: one row a household, as its newest event says.
create schema mirror;
grant usage on schema mirror to {{app}};
create table mirror.household (
  household_id uuid constraint household_pk primary key,
  region text collate "C" not null,
  household_kind text not null,
  monitored_kind text,
  headcount integer not null,
  able_workers integer not null,
  status text not null,
  version bigint not null
);
create index household_region on mirror.household (region);
-- When an event was seen here, for measuring how long it was on its way: no part of the projection, which is the same however often it is folded.
create table mirror.arrival (
  event_id uuid not null,
  at timestamptz not null default clock_timestamp()
);
grant select, insert, update, delete on mirror.household, mirror.arrival to {{app}};
