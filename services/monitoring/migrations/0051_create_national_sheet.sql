-- A file the national system gave out, to be compared with the registry; nothing of it is taken over by itself.
create table monitoring.national_sheet (
  id uuid constraint national_sheet_pk primary key,
  kind text not null,
  region text collate "C" not null,
  document text not null,
  data_date date not null,
  -- a trial: differences are listed and nobody is asked about them
  dry_run boolean not null,
  file_id uuid not null,
  job_id uuid not null,
  uploaded_by text not null,
  at timestamptz not null
);
select kit.protect('monitoring.national_sheet');

-- Its rows between reading and the end of the comparison. `found_household` and `found_person` are what they were found to be about; they follow nothing, since the rows
-- are gone when the comparison ends.
create table monitoring.national_row (
  sheet_id uuid not null constraint national_row_sheet references monitoring.national_sheet,
  line integer not null,
  region text collate "C" not null,
  household_no text,
  person_index bytea not null,
  -- what the row says, sealed under sheet and line
  secret bytea not null,
  found_household uuid,
  found_person uuid,
  constraint national_row_pk primary key (sheet_id, line)
);
create index national_row_household on monitoring.national_row (sheet_id, found_household);
grant delete on monitoring.national_row to {{app}};
select kit.protect('monitoring.national_row');

create table monitoring.national_refusal (
  sheet_id uuid not null constraint national_refusal_sheet references monitoring.national_sheet,
  line integer not null,
  region text collate "C" not null,
  reasons jsonb not null,
  constraint national_refusal_pk primary key (sheet_id, line)
);
grant delete on monitoring.national_refusal to {{app}};
select kit.protect('monitoring.national_refusal');

-- What the two say differently of a household or person, field by field. Codes stand in clear, names and numbers masked.
create table monitoring.national_difference (
  id uuid constraint national_difference_pk primary key,
  sheet_id uuid not null constraint national_difference_sheet references monitoring.national_sheet,
  household_id uuid not null,
  region text collate "C" not null,
  person_id uuid,
  -- Which layout, document and day it comes from: whoever sees the difference need not see the sheet.
  kind text not null,
  document text not null,
  data_date date not null,
  line integer,
  field text not null,
  ours text,
  theirs text,
  -- asked: a suspect about these values is or was opened. gap: the registry says nothing, so that nothing disagrees. trial: of a dry run.
  state text not null constraint national_difference_state_known check (state in ('asked', 'gap', 'trial')),
  suspect_id uuid,
  adopted_by text,
  adopted_at timestamptz,
  constraint national_difference_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index national_difference_of_sheet on monitoring.national_difference (sheet_id, id);
create index national_difference_of_household on monitoring.national_difference (household_id);
select kit.protect_assigned('monitoring.national_difference', 'household_id');
