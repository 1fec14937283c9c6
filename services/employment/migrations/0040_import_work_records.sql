-- Where a record's employer is known, it is found again by its credit code or by this index of its name. Two records of one person may share days: a list of one
-- office is not refused for what another wrote, people find out which is right.
alter table employment.work_record
  add column employer_index bytea,
  -- Level of the office that recorded it: whoever voids it stands above
  add column recorded_level text not null default 'village'
    constraint work_record_recorded_level_known check (recorded_level in ('region', 'city', 'county', 'township', 'village')),
  add column voided_on date,
  add column voided_by text,
  -- Why, in words: sealed under the row's id
  add column void_secret bytea,
  add constraint work_record_voided check ((voided_on is null) = (voided_by is null) and (voided_on is null) = (void_secret is null));
alter table employment.work_record alter column recorded_level drop default;
drop index employment.work_record_one_open;

-- Rows of a list that were read, until they are taken: what stands in them is sealed under list and line.
create table employment.work_import_row (
  list_id uuid not null,
  line integer not null,
  region text collate "C" not null,
  person_index bytea not null,
  secret bytea not null,
  constraint work_import_row_pk primary key (list_id, line)
);
select kit.protect('employment.work_import_row');
grant delete on employment.work_import_row to {{app}};

-- What looks wrong about somebody's work: told to monitoring, which has the village find out. Raised once for a record, or a pair of them, and never again.
create table employment.suspect (
  id uuid constraint suspect_pk primary key,
  rule_code text not null,
  about text not null constraint suspect_about_known check (about in ('work-record', 'person')),
  about_id uuid not null,
  -- The earlier of two records
  other_id uuid,
  -- A year, where the same may be asked again in the next
  period text not null default '',
  person_id uuid not null,
  household_id uuid,
  region text collate "C" not null,
  raised_on date not null,
  outcome text constraint suspect_outcome_known check (outcome in ('true-and-mended', 'not-true', 'true-as-recorded', 'household-ended')),
  closed_on date,
  constraint suspect_closed check ((outcome is null) = (closed_on is null))
);
create unique index suspect_once on employment.suspect (rule_code, about_id, coalesce(other_id, about_id), period);
create index suspect_area on employment.suspect (region, id);
create index suspect_person on employment.suspect (person_id);
select kit.protect_assigned('employment.suspect', 'household_id');
create trigger keep_suspect_with_person after update of region on employment.person for each row
  when (old.region <> new.region) execute function employment.keep_with_person('suspect');
