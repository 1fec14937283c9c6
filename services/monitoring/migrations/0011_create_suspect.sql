-- What the entry checks look at besides what was there: education beside schooling, why a child is not at school, the second insurance, destitution.
alter table monitoring.person
  add column education text,
  add column dropout_reason text,
  add column serious_illness_insurance boolean,
  add column destitute boolean not null default false;

-- Data that look wrong: by an entry rule, or because a department's data differ. Checked by people, never mended silently, never asked twice.
create table monitoring.suspect (
  id uuid constraint suspect_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  person_id uuid,
  rule_code text not null,
  field text not null,
  -- each value with its source, department and date; masked where personal
  found jsonb not null,
  -- of the values themselves, so that the same ones are known again
  fingerprint bytea not null,
  raised_by text not null,
  status text not null constraint suspect_status_known check (status in ('new', 'assigned', 'checked', 'reviewed', 'returned', 'closed')),
  outcome text constraint suspect_outcome_known check (outcome in ('true-and-mended', 'true-as-recorded', 'not-true')),
  because text,
  -- what was found, in words: sealed, it may name people
  note bytea,
  file_id uuid,
  assigned_to text,
  round integer not null default 1,
  opened_at timestamptz not null,
  -- the record no longer breaks the rule; the check still says what happened
  vanished_at timestamptz,
  closed_on date,
  -- until when the decision holds for the same values
  expires_on date,
  version bigint not null default 1,
  constraint suspect_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade,
  constraint suspect_decided check ((status in ('checked', 'reviewed', 'closed')) = (outcome is not null))
);
create unique index suspect_one_open on monitoring.suspect (household_id, rule_code, coalesce(person_id, household_id), field) where status <> 'closed';
create index suspect_area on monitoring.suspect (region, status, id);
create index suspect_decision on monitoring.suspect (household_id, rule_code) where status = 'closed';
select kit.protect_assigned('monitoring.suspect', 'household_id');
create index monitored_case_of_household on monitoring.monitored_case (household_id, opened_at);
