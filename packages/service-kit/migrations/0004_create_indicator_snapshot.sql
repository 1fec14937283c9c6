-- The figures of a month for a division: preliminary while the month may still change, frozen at its lock, corrected only with a reason.
create table kit.indicator_snapshot (
  id uuid constraint indicator_snapshot_pk primary key,
  code text not null,
  clause text not null,
  region text collate "C" not null,
  month text not null constraint indicator_snapshot_month check (month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  -- 0 preliminary, 1 frozen, then one more for each correction.
  revision integer not null constraint indicator_snapshot_revision check (revision >= 0),
  title jsonb not null,
  unit text not null,
  value double precision,
  numerator bigint,
  denominator bigint,
  target double precision,
  direction text,
  list text,
  as_of timestamptz not null,
  document text,
  reason text,
  corrected_by text,
  constraint indicator_snapshot_once unique (code, region, month, revision),
  constraint indicator_snapshot_correction check ((revision > 1) = (reason is not null and corrected_by is not null))
);
create index indicator_snapshot_of_month on kit.indicator_snapshot (month, region, code, revision desc);
select kit.protect('kit.indicator_snapshot');
grant select, insert on kit.indicator_snapshot to {{app}};
-- Only what is preliminary is written over.
grant update (value, numerator, denominator, target, direction, list, as_of, title, unit) on kit.indicator_snapshot to {{app}};
create policy preliminary_only on kit.indicator_snapshot as restrictive for update using (revision = 0);
