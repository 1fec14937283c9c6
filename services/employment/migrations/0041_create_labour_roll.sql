-- Projects as funds tells them: where they are, how they are carried out, and the central and regional money that labour pay is held against (E-15). They are
-- public, and read whole: nobody can open the roll of another place's project because they do not see it.
create table employment.project (
  id uuid constraint project_pk primary key,
  place text not null,
  mode text not null,
  implementer text not null,
  status text not null,
  -- planned from the central and the region's pools, in fen
  pay_base_fen bigint not null,
  version bigint not null
);
grant delete on employment.project to {{app}};

-- The labour roll of a work-for-relief project: one a project, in the whole region. What it holds stands in its periods.
create table employment.labour_roll (
  id uuid constraint labour_roll_pk primary key,
  project_id uuid not null constraint labour_roll_project unique,
  region text collate "C" not null,
  version bigint not null default 0
);
create index labour_roll_area on employment.labour_roll (region, id);
select kit.protect('employment.labour_roll');

create table employment.labour_period (
  id uuid constraint labour_period_pk primary key,
  labour_roll_id uuid not null constraint labour_period_roll references employment.labour_roll,
  region text collate "C" not null,
  from_date date not null,
  until_date date not null,
  status text not null default 'open' constraint labour_period_status_known check (status in ('open', 'posted', 'paid', 'verified')),
  posted_on date,
  -- the last day it hangs
  posted_until date,
  paid_by text,
  verified_on date,
  opened_by text not null,
  constraint labour_period_span check (until_date >= from_date),
  constraint labour_period_posted check ((status = 'open') = (posted_on is null) and (posted_on is null) = (posted_until is null)),
  constraint labour_period_verified check ((status = 'verified') = (verified_on is not null))
);
create index labour_period_of_roll on employment.labour_period (labour_roll_id, from_date);
select kit.protect('employment.labour_period');

create table employment.labour_line (
  id uuid constraint labour_line_pk primary key,
  period_id uuid not null constraint labour_line_period references employment.labour_period,
  region text collate "C" not null,
  person_id uuid not null,
  household_id uuid not null,
  -- lifted or monitored on the period's first day
  target boolean not null,
  days integer not null constraint labour_line_days check (days between 1 and 366),
  rate_fen bigint not null constraint labour_line_rate check (rate_fen > 0),
  amount_fen bigint not null,
  -- account the pay goes to, sealed under this row's id
  secret bytea,
  account_mask text,
  -- day the person signed for the days; only what is signed for is earned
  signed_on date,
  paid_fen bigint not null default 0,
  paid_on date,
  unpaid_because text constraint labour_line_because_known check (unpaid_because in ('account-wrong', 'bank-refused', 'disputed', 'money-short', 'other')),
  constraint labour_line_amount check (amount_fen = days * rate_fen),
  constraint labour_line_paid check (paid_fen between 0 and amount_fen and (paid_fen = 0) = (paid_on is null))
);
create unique index labour_line_once on employment.labour_line (period_id, person_id);
create index labour_line_person on employment.labour_line (person_id);
select kit.protect_assigned('employment.labour_line', 'household_id');
grant delete on employment.labour_line to {{app}};

-- Which period a list of days is for.
create table employment.labour_import (
  list_id uuid constraint labour_import_pk primary key,
  period_id uuid not null constraint labour_import_period references employment.labour_period,
  region text collate "C" not null
);
select kit.protect('employment.labour_import');
