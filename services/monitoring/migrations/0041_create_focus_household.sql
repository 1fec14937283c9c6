-- M-05: the households of one year's list, a person's word on a sharp loss, the helps of each month and the lines and reports of each quarter.
create table monitoring.focus_household (
  id uuid constraint focus_household_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  year smallint not null,
  criteria text[] not null constraint focus_household_criteria check (criteria <@ array['income-fell', 'income-low', 'epidemic-income-drop']),
  -- the figures it was listed by, the base year's and the year before's
  per_capita_fen bigint,
  before_per_capita_fen bigint,
  listed_on date not null,
  removed_on date,
  removed_because text constraint focus_household_removed check (removed_because in ('conditions-ended', 'not-watched')),
  version bigint not null,
  constraint focus_household_once unique (household_id, year),
  constraint focus_household_ended check ((removed_on is null) = (removed_because is null) and (removed_on is null) = (cardinality(criteria) > 0)),
  constraint focus_household_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index focus_household_listed on monitoring.focus_household (year, region, household_id)
  include (id, criteria, per_capita_fen, before_per_capita_fen, listed_on, removed_on, version);
select kit.protect_assigned('monitoring.focus_household', 'household_id');
select kit.protect_for_scans('monitoring.focus_household', 'household_id');

create table monitoring.epidemic_drop (
  household_id uuid not null,
  region text collate "C" not null,
  year smallint not null,
  confirmed boolean not null,
  proposed boolean not null,
  explanation jsonb not null,
  note bytea,
  decided_by text not null,
  decided_on date not null,
  version bigint not null default 1,
  constraint epidemic_drop_pk primary key (household_id, year),
  constraint epidemic_drop_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index epidemic_drop_area on monitoring.epidemic_drop (year, region, household_id);
select kit.protect_assigned('monitoring.epidemic_drop', 'household_id');

-- Help that is neither a measure nor a visit: a post found, a policy gone through, a buyer brought. Measures and visits are read where they are.
create table monitoring.monthly_help (
  id uuid constraint monthly_help_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  kind text not null,
  helped_on date not null,
  note bytea,
  recorded_by text not null,
  recorded_at timestamptz not null,
  constraint monthly_help_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index monthly_help_day on monitoring.monthly_help (helped_on) include (household_id, region);
create index monthly_help_of_household on monitoring.monthly_help (household_id, helped_on);
select kit.protect_assigned('monitoring.monthly_help', 'household_id');
select kit.protect_for_scans('monitoring.monthly_help', 'household_id');
create index measure_day on monitoring.measure (implemented_at) include (household_id, region);
create index visit_monthly_help on monitoring.visit (visited_on) include (household_id, region, mode, household_away) where 'monthly-help' = any (purposes);

create table monitoring.quarterly_analysis (
  id uuid constraint quarterly_analysis_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  quarter text collate "C" not null constraint quarterly_analysis_quarter check (quarter ~ '^\d{4}-Q[1-4]$'),
  trend text not null constraint quarterly_analysis_trend check (trend in ('better', 'steady', 'worse')),
  cause text not null,
  -- income per member of this quarter and expected for the year, as the village knows it
  per_capita_fen bigint,
  expected_per_capita_fen bigint,
  note bytea,
  recorded_by text not null,
  recorded_on date not null,
  version bigint not null default 1,
  constraint quarterly_analysis_once unique (household_id, quarter),
  constraint quarterly_analysis_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index quarterly_analysis_area on monitoring.quarterly_analysis (quarter, region, household_id) include (trend, cause, per_capita_fen, expected_per_capita_fen);
select kit.protect_assigned('monitoring.quarterly_analysis', 'household_id');
select kit.protect_for_scans('monitoring.quarterly_analysis', 'household_id');

create table monitoring.quarterly_report (
  id uuid constraint quarterly_report_pk primary key,
  region text collate "C" not null,
  quarter text collate "C" not null constraint quarterly_report_quarter check (quarter ~ '^\d{4}-Q[1-4]$'),
  status text not null constraint quarterly_report_status check (status in ('draft', 'approved')),
  findings bytea not null,
  -- the figures as they stood when it was approved
  figures jsonb,
  author text not null,
  approved_by text,
  approved_on date,
  revision integer not null default 1,
  version bigint not null default 1,
  constraint quarterly_report_once unique (region, quarter),
  constraint quarterly_report_approved check ((status = 'approved') = (approved_by is not null) and (status = 'approved') = (figures is not null))
);
create index quarterly_report_quarter on monitoring.quarterly_report (quarter, region);
select kit.protect('monitoring.quarterly_report');
-- What an approved report said before somebody opened it again, and why.
create table monitoring.quarterly_report_revision (
  report_id uuid not null constraint quarterly_report_revision_report references monitoring.quarterly_report,
  region text collate "C" not null,
  revision integer not null,
  findings bytea not null,
  figures jsonb not null,
  approved_by text not null,
  approved_on date not null,
  reason bytea not null,
  reopened_by text not null,
  reopened_on date not null,
  constraint quarterly_report_revision_pk primary key (report_id, revision)
);
select kit.protect('monitoring.quarterly_report_revision');
