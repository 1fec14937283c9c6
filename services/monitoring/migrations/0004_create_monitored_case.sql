-- One household's way from authorisation to clearance.
create table monitoring.monitored_case (
  id uuid constraint monitored_case_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  lead_id uuid constraint monitored_case_lead references monitoring.risk_lead,
  previous_case_id uuid,
  status text not null constraint monitored_case_status_known check (status in ('opened', 'authorised', 'compared', 'village-reviewed', 'posted', 'objected',
    'township-checked', 'included', 'refused', 'helping', 'clearance-proposed', 'cleared', 'closed')),
  -- Within the clearance procedure: which of its steps is done.
  procedure text not null default 'inclusion' constraint monitored_case_procedure_known check (procedure in ('inclusion', 'clearance')),
  clearance_step text constraint monitored_case_clearance_step_known check (clearance_step in ('proposed', 'village-reviewed', 'posted', 'objected', 'township-checked')),
  round integer not null default 1,
  monitored_kind text,
  risks text[] not null constraint monitored_case_risks check (cardinality(risks) between 1 and 5),
  disaster_kind text,
  epidemic boolean not null,
  found_at timestamptz not null,
  opened_at timestamptz not null,
  county_approved_on date,
  county_document text,
  national_entry_on date,
  included_on date,
  income_at_inclusion_id uuid,
  posting_id uuid,
  clearance_proposed_on date,
  cleared_on date,
  cleared_by text constraint monitored_case_cleared_by_known check (cleared_by in ('help', 'nature')),
  closed_because text,
  version bigint not null default 1,
  constraint monitored_case_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create unique index monitored_case_one_open on monitoring.monitored_case (household_id) where status not in ('refused', 'cleared', 'closed');
create index monitored_case_area on monitoring.monitored_case (region, status);
select kit.protect_assigned('monitoring.monitored_case', 'household_id');

-- Papers and counts of the steps: authorisation, replies of departments, minutes and votes, the county's decision.
create table monitoring.case_paper (
  id uuid constraint case_paper_pk primary key,
  case_id uuid not null constraint case_paper_case references monitoring.monitored_case,
  household_id uuid not null,
  region text collate "C" not null,
  kind text not null,
  detail jsonb not null default '{}',
  file_id uuid,
  recorded_by text not null,
  at timestamptz not null
);
create index case_paper_of_case on monitoring.case_paper (case_id);
select kit.protect_assigned('monitoring.case_paper', 'household_id');
