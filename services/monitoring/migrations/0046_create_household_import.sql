-- Lists of households to be registered. The file is kept sealed in kit.file; of rows that were not taken only their place and the reasons are kept.
create table monitoring.household_import (
  id uuid constraint household_import_pk primary key,
  region text collate "C" not null,
  document text not null,
  data_date date not null,
  -- A trial: every row is checked and nothing is registered.
  dry_run boolean not null,
  file_id uuid not null,
  job_id uuid not null,
  uploaded_by text not null,
  at timestamptz not null
);
select kit.protect('monitoring.household_import');

create table monitoring.household_import_refusal (
  import_id uuid not null constraint household_import_refusal_import references monitoring.household_import,
  line integer not null,
  region text collate "C" not null,
  reasons jsonb not null,
  constraint household_import_refusal_pk primary key (import_id, line)
);
grant delete on monitoring.household_import_refusal to {{app}};
select kit.protect('monitoring.household_import_refusal');
