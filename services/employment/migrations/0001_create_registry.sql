create schema employment;
grant usage on schema employment to {{app}};
alter default privileges in schema employment grant select, insert, update on tables to {{app}};

-- The household registry as monitoring tells it: what other departments say stands here without references between the tables, since each entity's events come
-- in an order of their own. Nobody but the projection `registry` writes these five.
create table employment.household (
  id uuid constraint household_pk primary key,
  region text collate "C" not null,
  household_kind text not null,
  monitored_kind text,
  risk_cleared boolean not null,
  headcount integer not null,
  able_workers integer not null,
  relocated boolean not null,
  resettlement_site_id uuid,
  status text not null,
  merged_into uuid,
  split_from uuid,
  version bigint not null
);
create index household_area on employment.household (region, id);
select kit.protect_assigned('employment.household', 'id');

-- What a household was from a day on, the last word of each day: the status on the date that counts decides. `region` is where it is now, `registered_in` where
-- it was registered then.
create table employment.household_status (
  household_id uuid not null,
  from_date date not null,
  region text collate "C" not null,
  registered_in text collate "C" not null,
  household_kind text not null,
  monitored_kind text,
  risk_cleared boolean not null,
  status text not null,
  version bigint not null,
  constraint household_status_pk primary key (household_id, from_date)
);
select kit.protect_assigned('employment.household_status', 'household_id');

-- The time a household is monitored: from inclusion until clearance, or until the case ended otherwise.
create table employment.monitored_case (
  id uuid constraint monitored_case_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  monitored_kind text,
  included_on date,
  ended_on date,
  version bigint not null
);
create index monitored_case_household on employment.monitored_case (household_id);
select kit.protect_assigned('employment.monitored_case', 'household_id');

create table employment.person (
  id uuid constraint person_pk primary key,
  household_id uuid,
  region text collate "C" not null,
  status text not null,
  since date not null,
  able_worker boolean not null,
  student boolean not null,
  new_entrant boolean not null,
  number_verified boolean not null,
  version bigint not null
);
create index person_members on employment.person (household_id);
create index person_area on employment.person (region, id);
select kit.protect_assigned('employment.person', 'household_id');

-- Whose member a person was from a day on; null is nobody's (left or died).
create table employment.membership (
  person_id uuid not null,
  since date not null,
  region text collate "C" not null,
  household_id uuid,
  status text not null,
  version bigint not null,
  constraint membership_pk primary key (person_id, since)
);
select kit.protect_assigned('employment.membership', 'household_id');
grant delete on employment.household, employment.household_status, employment.monitored_case, employment.person, employment.membership to {{app}};

-- Who a person is, as told privately: sealed under this department's own keys, found by its own index.
create table employment.person_identity (
  person_id uuid constraint person_identity_pk primary key,
  household_id uuid,
  region text collate "C" not null,
  -- name and identity number, sealed under this row's id
  secret bytea,
  phone_secret bytea,
  identity_index bytea,
  name_mask text,
  identity_mask text,
  phone_mask text,
  sex text constraint person_identity_sex_known check (sex in ('male', 'female')),
  birth_date date
);
-- Not unique: two persons whom monitoring has not yet joined may be one.
create index person_identity_number on employment.person_identity (identity_index);
grant delete on employment.person_identity to {{app}};
select kit.protect_assigned('employment.person_identity', 'household_id');

-- An identity belongs where its person does, whichever of the two comes first.
create function employment.follow_person() returns trigger language plpgsql as $$
begin
  update employment.person_identity set region = new.region, household_id = new.household_id
    where person_id = new.id and (region, household_id) is distinct from (new.region, new.household_id);
  return null;
end $$;
create trigger person_followed after insert or update of region, household_id on employment.person
  for each row execute function employment.follow_person();
