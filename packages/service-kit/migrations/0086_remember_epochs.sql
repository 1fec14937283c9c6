-- Every epoch an operator started after a restore from a backup: what both histories share, who said so and why.
create table kit.epoch_start (
  id uuid constraint epoch_start_pk primary key,
  epoch integer not null,
  from_position bigint not null,
  private_epoch integer not null,
  reason text not null,
  started_by text not null,
  at timestamptz not null default clock_timestamp()
);
grant select, insert on kit.epoch_start to {{app}};
