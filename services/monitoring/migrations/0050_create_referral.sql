-- Rows that are one department's business: its officers see no other department's. Whoever acts in another office as well is bound by the area alone.
create function monitoring.protect_department(target regclass) returns void language plpgsql as $$
begin
  execute format('create policy department on %s as restrictive using (coalesce(current_setting(''sw.department'', true), '''') = '''' or department = current_setting(''sw.department'', true))', target);
end $$;
revoke execute on function monitoring.protect_department(regclass) from public;

-- Who takes referrals at a county's department: an office, never a person. Townships and villages read their county's row, which lies above their area.
create table monitoring.referral_contact (
  id uuid constraint referral_contact_pk primary key,
  region text collate "C" not null constraint referral_contact_county check (right(region, 6) = '000000' and substr(region, 5, 2) <> '00'),
  department text not null,
  office text not null,
  from_date date not null,
  until_date date,
  set_by text not null,
  at timestamptz not null,
  constraint referral_contact_span check (until_date is null or until_date >= from_date)
);
create unique index referral_contact_one on monitoring.referral_contact (region, department) where until_date is null;
select kit.protect('monitoring.referral_contact');
create policy county on monitoring.referral_contact for select using (left(region, 6) = left(current_setting('sw.lo', true), 6));

-- A need of a household handed to a department that has no service here, with the day a reply is due.
create table monitoring.referral (
  id uuid constraint referral_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  person_id uuid,
  lead_id uuid,
  case_id uuid,
  plan_item_id uuid,
  department text not null,
  office text not null,
  need text not null,
  -- why the department is asked, in the sender's words, sealed under this row's id
  reason bytea not null,
  status text not null constraint referral_status_known check (status in ('sent', 'received', 'returned', 'accepted', 'declined', 'delivered', 'closed')),
  sent_by text not null,
  sent_at timestamptz not null,
  due_on date not null,
  received_at timestamptz,
  answered_at timestamptz,
  outcome text constraint referral_outcome_known check (outcome in ('helped', 'not-entitled', 'already-helped', 'not-possible')),
  deliver_by date,
  document text,
  document_date date,
  delivered_at timestamptz,
  measure_id uuid,
  closed_at timestamptz,
  closed_because text constraint referral_closed_known check (closed_because in ('arrived', 'declined', 'withdrawn', 'household-closed')),
  version bigint not null default 1,
  constraint referral_measure check ((measure_id is null) = (delivered_at is null)),
  constraint referral_closed check ((status = 'closed') = (closed_because is not null)),
  constraint referral_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create unique index referral_one_open on monitoring.referral (household_id, department, need) where status <> 'closed';
create index referral_of_household on monitoring.referral (household_id);
create index referral_area on monitoring.referral (region, id);
select kit.protect_assigned('monitoring.referral', 'household_id');
select monitoring.protect_department('monitoring.referral');

-- Every step of a referral, with the department it was with then: what one department wrote stays between it and the sender.
create table monitoring.referral_step (
  id uuid constraint referral_step_pk primary key,
  referral_id uuid not null constraint referral_step_of references monitoring.referral,
  version bigint not null,
  household_id uuid not null,
  region text collate "C" not null,
  department text not null,
  step text not null,
  because text,
  document text,
  document_date date,
  -- free text of the step, sealed under this row's id
  note bytea,
  actor text not null,
  at timestamptz not null,
  constraint referral_step_once unique (referral_id, version),
  constraint referral_step_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
select kit.protect_assigned('monitoring.referral_step', 'household_id');
select monitoring.protect_department('monitoring.referral_step');
