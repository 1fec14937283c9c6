-- What departments send: one row of a feed that was matched to a person. The feed's own file is kept sealed in kit.file.
create table monitoring.feed (
  id uuid constraint feed_pk primary key,
  kind text not null,
  department text not null,
  region text collate "C" not null,
  document text not null,
  file_id uuid not null,
  job_id uuid not null,
  data_date date not null,
  uploaded_by text not null,
  at timestamptz not null
);
select kit.protect('monitoring.feed');

create table monitoring.medical_bill (
  id uuid constraint medical_bill_pk primary key,
  feed_id uuid not null constraint medical_bill_feed references monitoring.feed,
  line integer not null,
  household_id uuid not null,
  person_id uuid not null,
  region text collate "C" not null,
  settled_on date not null,
  -- What the feed calls the bill, as a keyed index: the same bill in two feeds counts once.
  bill_index bytea not null,
  total_fen bigint not null constraint medical_bill_total check (total_fen >= 0),
  self_paid_fen bigint not null constraint medical_bill_self_paid check (self_paid_fen between 0 and total_fen),
  constraint medical_bill_once unique (bill_index),
  constraint medical_bill_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index medical_bill_of_household on monitoring.medical_bill (household_id, settled_on);
select kit.protect('monitoring.medical_bill');

-- A lead found to be false for a rule is remembered: the same rule on the same facts does not raise it again.
create table monitoring.false_lead (
  household_id uuid not null,
  region text collate "C" not null,
  rule_code text not null,
  facts_hash bytea not null,
  lead_id uuid not null,
  at timestamptz not null,
  constraint false_lead_pk primary key (household_id, rule_code, facts_hash)
);
select kit.protect('monitoring.false_lead');
