create schema monitoring;
grant usage on schema monitoring to {{app}};
alter default privileges in schema monitoring grant select, insert, update on tables to {{app}};

-- The household registry: one row a household, its place, kind and guarantees. Everything that leads to a person's name or number is sealed in person.secret.
create table monitoring.household (
  id uuid constraint household_pk primary key,
  region text collate "C" not null,
  household_no text,
  hamlet text,
  household_kind text not null constraint household_kind_known check (household_kind in ('lifted-household', 'ordinary-household')),
  monitored_kind text constraint household_monitored_kind_known check (monitored_kind in ('unstable-lifted', 'borderline', 'sudden-hardship')),
  risk_cleared boolean not null default false,
  headcount integer not null constraint household_headcount check (headcount >= 0),
  able_workers integer not null constraint household_able_workers check (able_workers between 0 and headcount),
  schooling_ok boolean,
  medical_care_ok boolean,
  housing_ok boolean,
  drinking_water_ok boolean,
  low_income boolean not null default false,
  safety_net_only boolean not null default false,
  relocated boolean not null default false,
  status text not null default 'active' constraint household_status_known check (status in ('active', 'moving', 'merged', 'split', 'closed')),
  closed_because text,
  synthetic boolean not null default false,
  version bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint household_id_region unique (id, region),
  -- The kinds of monitored household go with the kind of household (domain: two fields, not one).
  constraint household_kinds_agree check (
    monitored_kind is null or monitored_kind = 'sudden-hardship'
    or (monitored_kind = 'unstable-lifted') = (household_kind = 'lifted-household'))
);
create index household_area on monitoring.household (region, id);
create index household_no_area on monitoring.household (household_no) where household_no is not null;
select kit.protect_assigned('monitoring.household', 'id');

create table monitoring.household_change (
  household_id uuid not null,
  region text collate "C" not null,
  version bigint not null,
  changed jsonb not null,
  source text not null,
  document text,
  actor text not null,
  at timestamptz not null,
  constraint household_change_pk primary key (household_id, version),
  constraint household_change_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
select kit.protect_assigned('monitoring.household_change', 'household_id');

create table monitoring.person (
  id uuid constraint person_pk primary key,
  household_id uuid,
  region text collate "C" not null,
  -- name, identity number and phone, sealed under this row's id
  secret bytea not null,
  identity_index bytea not null,
  identity_mask text not null,
  name_mask text not null,
  phone_mask text,
  sex text not null constraint person_sex_known check (sex in ('male', 'female')),
  birth_date date not null,
  relation text not null,
  schooling text,
  health text[] not null default '{}',
  labour_skill text not null,
  medical_insurance text,
  able_worker boolean not null,
  student boolean not null,
  status text not null default 'member' constraint person_status_known check (status in ('member', 'left', 'died')),
  since date not null,
  number_verified boolean not null default false,
  version bigint not null default 1,
  constraint person_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create unique index person_identity on monitoring.person (identity_index);
create index person_household_members on monitoring.person (household_id);
create unique index person_one_head on monitoring.person (household_id) where relation = 'head' and status = 'member';
select kit.protect_assigned('monitoring.person', 'household_id');

-- Keyed tokens of names, so that an encrypted name can be searched by equality.
create table monitoring.name_token (
  token bytea not null,
  person_id uuid not null constraint name_token_person references monitoring.person on delete cascade,
  region text collate "C" not null,
  constraint name_token_pk primary key (token, region, person_id)
);
create index name_token_of_person on monitoring.name_token (person_id);
grant delete on monitoring.name_token to {{app}};
select kit.protect('monitoring.name_token');

create table monitoring.household_income (
  id uuid constraint household_income_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  kind text not null constraint household_income_kind_known check (kind in ('annual', 'at-inclusion', 'at-clearance', 'monthly', 'quarterly')),
  from_date date not null,
  until_date date not null,
  headcount integer not null constraint household_income_headcount check (headcount > 0),
  wage_fen bigint not null constraint household_income_wage check (wage_fen >= 0),
  business_fen bigint not null constraint household_income_business check (business_fen >= 0),
  property_fen bigint not null constraint household_income_property check (property_fen >= 0),
  transfer_fen bigint not null constraint household_income_transfer check (transfer_fen >= 0),
  business_cost_fen bigint not null constraint household_income_cost check (business_cost_fen >= 0),
  net_fen bigint not null,
  per_capita_fen bigint not null,
  confirmed boolean not null,
  version bigint not null default 1,
  constraint household_income_once unique (household_id, kind, from_date, until_date),
  constraint household_income_span check (until_date >= from_date),
  constraint household_income_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
select kit.protect_assigned('monitoring.household_income', 'household_id');
