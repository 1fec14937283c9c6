-- M-04c, one row per case and month in which a home visit by a helper is owed, or excused: counted from the visits, kept up with every visit and
-- helper until the month is locked, and never afterwards.
create table monitoring.helper_visit_month (
  case_id uuid not null constraint helper_visit_month_case references monitoring.monitored_case,
  month text not null constraint helper_visit_month_written check (month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  household_id uuid not null,
  region text collate "C" not null,
  exempt boolean not null,
  -- Day of the visit that met the duty.
  met_on date,
  -- Latest day a helper could only reach the wholly absent household by phone or found nobody at home.
  away_on date,
  constraint helper_visit_month_pk primary key (case_id, month),
  constraint helper_visit_month_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index helper_visit_month_area on monitoring.helper_visit_month (month, region);
select kit.protect_assigned('monitoring.helper_visit_month', 'household_id');

alter table monitoring.helper add column phone_mask text not null;
-- What was declared of the helper's tie to the household: a member never is one, a relative only where the settings allow.
alter table monitoring.helper add column relationship text not null constraint helper_relationship_known check (relationship in ('none', 'relative'));
create index measure_of_lead on monitoring.measure (lead_id) where lead_id is not null;
create index helper_of_subject on monitoring.helper (subject) where until_date is null;
