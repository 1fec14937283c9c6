-- A household that does not accept a decision: which one, who took it, and what the level above says. What it writes, and why it was decided so, is sealed.
create table monitoring.appeal (
  id uuid constraint appeal_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  lead_id uuid constraint appeal_lead references monitoring.risk_lead,
  case_id uuid constraint appeal_case references monitoring.monitored_case,
  against text not null constraint appeal_against check (against in ('verification', 'village-review', 'township-check', 'county-approval', 'clearance')),
  refused_by text not null,
  refused_at timestamptz not null,
  decided_at_level text not null constraint appeal_level check (decided_at_level in ('township', 'county', 'city')),
  -- Who of the household made it, on which day, and who took it in.
  made_by uuid not null,
  filed_on date not null,
  filed_by text not null,
  grounds bytea not null,
  due_on date not null,
  status text not null constraint appeal_status check (status in ('filed', 'upheld', 'overturned', 'withdrawn')),
  decided_on date,
  decided_by text,
  reason bytea,
  version bigint not null default 1,
  constraint appeal_about check (num_nonnulls(lead_id, case_id) = 1),
  constraint appeal_decided check ((status in ('upheld', 'overturned')) = (decided_on is not null) and num_nonnulls(decided_on, decided_by, reason) in (0, 3)),
  constraint appeal_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
-- One appeal against one decision; one that was withdrawn may be made again.
create unique index appeal_once on monitoring.appeal (coalesce(lead_id, case_id), refused_at) where status <> 'withdrawn';
create index appeal_of_household on monitoring.appeal (household_id);
create index appeal_area on monitoring.appeal (region, status);
select kit.protect_assigned('monitoring.appeal', 'household_id');

-- A lead that was turned away wrongly is no false lead: the same facts may raise it again.
grant delete on monitoring.false_lead to {{app}};
