-- A sign that a household may be in trouble, from wherever it came, with the facts that explain it.
create table monitoring.risk_lead (
  id uuid constraint risk_lead_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  source text not null,
  cause text not null,
  epidemic boolean not null,
  severity text not null constraint risk_lead_severity_known check (severity in ('ungraded', 'general', 'severe')),
  status text not null constraint risk_lead_status_known check (status in ('registered', 'dispatched', 'verified', 'rejected', 'merged')),
  rule_code text,
  -- Decision of the rule that raised it: reasons with their facts, source and date. No personal data.
  explanation jsonb not null default '[]',
  found_at timestamptz not null,
  registered_at timestamptz not null,
  late_registration boolean not null,
  graded_at timestamptz,
  dispatched_at timestamptz,
  dispatched_to text,
  verified_at timestamptz,
  rejected_because text,
  -- What the reporter or the verifying team wrote, sealed: free text may name people.
  note bytea,
  emergency text not null default 'none' constraint risk_lead_emergency_known check (emergency in ('none', 'required', 'helped')),
  emergency_due_at timestamptz,
  first_measure_at timestamptz,
  reported_by text not null,
  merged_into uuid,
  version bigint not null default 1,
  constraint risk_lead_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index risk_lead_area on monitoring.risk_lead (region, status, found_at);
create index risk_lead_of_household on monitoring.risk_lead (household_id);
-- One open lead per household and cause: what comes later is merged into it.
create unique index risk_lead_one_open on monitoring.risk_lead (household_id, cause) where status in ('registered', 'dispatched');
select kit.protect_assigned('monitoring.risk_lead', 'household_id');

create table monitoring.lead_verification (
  id uuid constraint lead_verification_pk primary key,
  lead_id uuid not null constraint lead_verification_lead references monitoring.risk_lead,
  region text collate "C" not null,
  household_id uuid not null,
  visited_on date not null,
  team text[] not null constraint lead_verification_team check (cardinality(team) >= 2),
  outcome text not null constraint lead_verification_outcome check (outcome in ('at-risk', 'not-at-risk', 'risk-already-met', 'already-monitored', 'wrong-data')),
  note bytea,
  recorded_by text not null,
  at timestamptz not null
);
select kit.protect_assigned('monitoring.lead_verification', 'household_id');
