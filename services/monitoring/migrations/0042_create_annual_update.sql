-- M-05: the yearly update of members and incomes. A county opens a year's round; the row is read by its townships and villages, holds nothing of anybody, and
-- so stands outside the area protection. Who is still to confirm is the set of watched households less the confirmations: no row a household at the start.
create table monitoring.annual_update (
  id uuid constraint annual_update_pk primary key,
  county text collate "C" not null constraint annual_update_county check (county ~ '^\d{6}$'),
  year smallint not null,
  status text not null constraint annual_update_status check (status in ('open', 'closed')),
  opened_by text not null,
  opened_on date not null,
  closes_on date not null,
  closed_by text,
  closed_on date,
  -- households and confirmations as they stood when it was closed
  figures jsonb,
  version bigint not null default 1,
  constraint annual_update_once unique (county, year),
  constraint annual_update_span check (closes_on >= opened_on),
  constraint annual_update_closed check ((status = 'closed') = (closed_by is not null) and (status = 'closed') = (figures is not null))
);

create table monitoring.annual_update_confirmation (
  household_id uuid not null,
  region text collate "C" not null,
  year smallint not null,
  headcount integer not null,
  income_id uuid not null constraint annual_update_confirmation_income references monitoring.household_income,
  signature_file uuid,
  signature_form uuid,
  confirmed_by text not null,
  confirmed_on date not null,
  constraint annual_update_confirmation_pk primary key (household_id, year),
  constraint annual_update_confirmation_signed check (num_nonnulls(signature_file, signature_form) = 1),
  constraint annual_update_confirmation_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index annual_update_confirmation_area on monitoring.annual_update_confirmation (year, region, household_id);
select kit.protect_assigned('monitoring.annual_update_confirmation', 'household_id');
select kit.protect_for_scans('monitoring.annual_update_confirmation', 'household_id');
