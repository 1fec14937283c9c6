-- What a holder did in a month: days of service, or tasks. Recorded by the village, checked by the township.
create table employment.post_attendance (
  holder_id uuid not null constraint post_attendance_holder references employment.post_holder,
  month text not null constraint post_attendance_month check (month ~ '^\d{4}-\d\d$'),
  person_id uuid not null,
  household_id uuid not null,
  region text collate "C" not null,
  units integer not null constraint post_attendance_units check (units between 0 and 62),
  recorded_by text not null,
  recorded_on date not null,
  checked_by text constraint post_attendance_two_people check (checked_by <> recorded_by),
  checked_on date,
  constraint post_attendance_pk primary key (holder_id, month),
  constraint post_attendance_checked check ((checked_by is null) = (checked_on is null))
);
create index post_attendance_area on employment.post_attendance (month, region, holder_id);
select kit.protect_assigned('employment.post_attendance', 'household_id');
select kit.protect_for_scans('employment.post_attendance', 'household_id');

-- The pay of a county's, or a township's, holders for a month as one list: worked out by a job, checked by one person and approved by another.
create table employment.post_pay_list (
  id uuid constraint post_pay_list_pk primary key,
  region text collate "C" not null,
  month text not null,
  status text not null
    constraint post_pay_list_status_known check (status in ('generating', 'generated', 'checked', 'approving', 'approved', 'cancelled')),
  -- Lines to be paid and their sum; lines that wait; holders without checked attendance; holders whose month comes to nothing
  lines integer not null default 0,
  amount_fen bigint not null default 0,
  held integer not null default 0,
  missing integer not null default 0,
  without_pay integer not null default 0,
  rejected integer not null default 0,
  made_by text not null,
  checked_by text,
  approved_by text constraint post_pay_list_two_people check (approved_by <> checked_by),
  document text,
  job_id uuid,
  made_on date not null,
  version bigint not null default 1,
  constraint post_pay_list_checked check (status not in ('checked', 'approving', 'approved') or checked_by is not null),
  constraint post_pay_list_approved check (status not in ('approving', 'approved') or (approved_by is not null and document is not null))
);
create unique index post_pay_list_one_open on employment.post_pay_list (region, month) where status not in ('approved', 'cancelled');
create index post_pay_list_area on employment.post_pay_list (region, id);
select kit.protect('employment.post_pay_list');

-- One person's pay of one month, whatever posts were held in it. One a person and month in the whole region: an index sees what a caller may not.
create table employment.post_pay (
  id uuid constraint post_pay_pk primary key,
  list_id uuid not null constraint post_pay_of_list references employment.post_pay_list,
  person_id uuid not null,
  household_id uuid not null,
  holder_id uuid not null,
  post_id uuid not null,
  region text collate "C" not null,
  month text not null,
  days integer not null constraint post_pay_days check (days between 0 and 31),
  amount_fen bigint not null constraint post_pay_amount check (amount_fen > 0),
  source_kinds text[] not null,
  status text not null constraint post_pay_status_known check (status in ('listed', 'held', 'awaiting-funds', 'accepted', 'payment-refused',
    'payment-returned', 'withdrawing', 'paid', 'clawback-due', 'clawed-back', 'rejected')),
  because text,
  payment_id uuid,
  paid_on date,
  told bigint not null default 0,
  version bigint not null default 1,
  constraint post_pay_asked check (payment_id is not null or status in ('listed', 'held', 'rejected')),
  constraint post_pay_paid check (status not in ('paid', 'clawback-due', 'clawed-back') or paid_on is not null)
);
create unique index post_pay_once on employment.post_pay (person_id, month) where status not in ('rejected', 'clawed-back');
create index post_pay_list_lines on employment.post_pay (list_id, id);
create index post_pay_area on employment.post_pay (month, region, id);
select kit.protect_assigned('employment.post_pay', 'household_id');
select kit.protect_for_scans('employment.post_pay', 'household_id');
grant delete on employment.post_pay to {{app}};
