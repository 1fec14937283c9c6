-- M-06: income campaigns of counties and townships. What was delivered is not copied here: measures are read where they are, each counted once by its own source.
create table monitoring.income_campaign (
  id uuid constraint income_campaign_pk primary key,
  region text collate "C" not null,
  year smallint not null,
  -- title and owner's unit, sealed: they may name people
  secret bytea not null,
  status text not null constraint income_campaign_status check (status in ('planned', 'running', 'closed')),
  budget_fen bigint not null constraint income_campaign_budget check (budget_fen >= 0),
  expected_added_fen bigint not null constraint income_campaign_expected check (expected_added_fen >= 0),
  starts_on date not null,
  ends_on date not null,
  -- findings of the closing report, and its figures as they stood then
  findings bytea,
  figures jsonb,
  author text not null,
  closed_on date,
  version bigint not null default 1,
  constraint income_campaign_span check (ends_on >= starts_on),
  constraint income_campaign_closed check ((status = 'closed') = (closed_on is not null) and (status = 'closed') = (figures is not null))
);
create index income_campaign_area on monitoring.income_campaign (region, id);
select kit.protect('monitoring.income_campaign');

create table monitoring.income_campaign_action (
  campaign_id uuid not null constraint income_campaign_action_campaign references monitoring.income_campaign,
  n smallint not null,
  region text collate "C" not null,
  category text not null,
  detail bytea not null,
  budget_fen bigint not null constraint income_campaign_action_budget check (budget_fen >= 0),
  expected_added_fen bigint not null constraint income_campaign_action_expected check (expected_added_fen >= 0),
  constraint income_campaign_action_pk primary key (campaign_id, n)
);
select kit.protect('monitoring.income_campaign_action');

-- A household is targeted by one running campaign at a time, so that what it was given is counted for one.
create table monitoring.income_campaign_household (
  household_id uuid not null,
  campaign_id uuid not null constraint income_campaign_household_campaign references monitoring.income_campaign,
  region text collate "C" not null,
  year smallint not null,
  constraint income_campaign_household_pk primary key (household_id, year),
  constraint income_campaign_household_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index income_campaign_household_campaign on monitoring.income_campaign_household (campaign_id, household_id);
select kit.protect_assigned('monitoring.income_campaign_household', 'household_id');
select kit.protect_for_scans('monitoring.income_campaign_household', 'household_id');
