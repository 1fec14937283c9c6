-- A department that keeps secrets: one record a person, findable by number.
create schema vault;
grant usage on schema vault to {{app}};
create table vault.person (
  id uuid constraint person_pk primary key,
  region text collate "C" not null,
  secret bytea,
  number_index bytea,
  version bigint not null default 1,
  updated_at timestamptz not null default clock_timestamp()
);
create unique index person_number on vault.person (number_index);
select kit.protect('vault.person');
grant select, insert, update on vault.person to {{app}};
