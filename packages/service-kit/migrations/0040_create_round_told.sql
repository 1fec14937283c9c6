-- Rounds are due for a set of things and have no deadline a thing. What was still open when a round's time had passed is told once a place, and kept: the row
-- whose place is all zeros says that the whole of the period has been told.
create table kit.round_told (
  kind text not null,
  period text not null,
  region text collate "C" not null,
  deadline_id uuid not null,
  open integer not null,
  due_at timestamptz not null,
  told_at timestamptz not null,
  constraint round_told_pk primary key (kind, period, region)
);
select kit.protect('kit.round_told');
grant select, insert on kit.round_told to {{app}};
