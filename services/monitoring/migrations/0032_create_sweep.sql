-- A sweep: a campaign in which every rural household of its scope is seen once. It is an order, open to all whom it concerns, and holds nothing of anybody: the
-- division that ordered it decides who may change it.
create table monitoring.sweep (
  id uuid constraint sweep_pk primary key,
  division text collate "C" not null,
  title text not null,
  document text not null,
  scope text[] not null constraint sweep_scope check (cardinality(scope) between 1 and 200),
  from_date date not null,
  until_date date not null,
  status text not null constraint sweep_status_known check (status in ('open', 'closing', 'closed')),
  ordered_by text not null,
  ordered_at timestamptz not null,
  closed_at timestamptz,
  households integer,
  at_home integer,
  by_call integer,
  findings integer,
  version bigint not null default 1,
  constraint sweep_span check (until_date >= from_date)
);
create index sweep_running on monitoring.sweep (from_date) where status in ('open', 'closing');

-- How far a sweep is in each village: counted anew from the visits as they come, and final as it closes. A sweep of the region starts with a mark a village.
create table monitoring.sweep_village (
  sweep_id uuid not null constraint sweep_village_sweep references monitoring.sweep,
  region text collate "C" not null,
  households integer not null,
  at_home integer not null,
  by_call integer not null,
  counted_at timestamptz not null,
  final boolean not null default false,
  constraint sweep_village_pk primary key (sweep_id, region)
);
create index sweep_village_to_close on monitoring.sweep_village (sweep_id) where not final;
select kit.protect('monitoring.sweep_village');

-- Villages whose sweeps are to be counted anew; appended only, like those of the round.
create table monitoring.sweep_mark (
  id bigint generated always as identity constraint sweep_mark_pk primary key,
  place text collate "C" not null
);
grant delete on monitoring.sweep_mark to {{app}};

-- What a sweep found at a household: a risk, which is a lead at once, or data that look wrong.
create table monitoring.sweep_finding (
  id uuid constraint sweep_finding_pk primary key,
  sweep_id uuid not null constraint sweep_finding_sweep references monitoring.sweep,
  household_id uuid not null,
  region text collate "C" not null,
  kind text not null constraint sweep_finding_kind_known check (kind in ('risk-lead', 'suspect')),
  lead_id uuid constraint sweep_finding_lead references monitoring.risk_lead,
  -- Which part of the record looks wrong.
  doubt text,
  note bytea,
  found_on date not null,
  recorded_by text not null,
  recorded_at timestamptz not null,
  constraint sweep_finding_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade,
  constraint sweep_finding_whole check ((kind = 'risk-lead') = (lead_id is not null) and (kind = 'suspect') = (doubt is not null))
);
create index sweep_finding_of_sweep on monitoring.sweep_finding (sweep_id, id);
create index sweep_finding_of_household on monitoring.sweep_finding (household_id);
select kit.protect_assigned('monitoring.sweep_finding', 'household_id');
