-- Who goes round a village: appointed, left, replaced. The households of each are in kit.assignment; somebody may be appointed before the grid is drawn.
create table monitoring.grid_worker (
  id uuid constraint grid_worker_pk primary key,
  region text collate "C" not null,
  subject text not null,
  -- name and phone, sealed under this row's id; null while only the sign-in is known
  secret bytea,
  name_mask text,
  phone_mask text,
  from_date date not null,
  until_date date,
  left_because text constraint grid_worker_left_because_known check (left_because in ('transferred', 'resigned', 'retired', 'ill', 'other')),
  successor text,
  appointed_by text not null,
  appointed_at timestamptz not null,
  version bigint not null default 1,
  constraint grid_worker_span check (until_date is null or until_date >= from_date),
  constraint grid_worker_ended check ((until_date is null) = (left_because is null))
);
create unique index grid_worker_once on monitoring.grid_worker (region, subject) where until_date is null;
create index grid_worker_area on monitoring.grid_worker (region, id);
select kit.protect('monitoring.grid_worker');

-- Those who hold a grid already. Forced row-level security holds for the owner too.
select set_config('sw.lo', '0', true), set_config('sw.hi', 'a', true);
insert into monitoring.grid_worker (id, region, subject, from_date, appointed_by, appointed_at)
  select uuidv7(), region, subject, min(valid_from), 'migration', clock_timestamp() from kit.assignment
  where kind = 'grid' and valid_to is null group by region, subject;
