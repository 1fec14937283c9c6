-- The tables of the department the kit is tested with.
create schema clinic;
grant usage on schema clinic to {{app}};
create table clinic.file (
  id uuid constraint file_pk primary key,
  household_id uuid,
  region text collate "C" not null,
  weight integer not null,
  name text,
  version bigint not null
);
create unique index file_name_once on clinic.file (name);
select kit.protect('clinic.file');
create table clinic.visit (
  id uuid constraint visit_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  amount_fen bigint not null
);
select kit.protect_assigned('clinic.visit', 'household_id');
create table clinic.dose (
  job_id uuid not null,
  n integer not null,
  constraint dose_pk primary key (job_id, n)
);
create table clinic.round (
  slot text not null
);
grant select, insert, update, delete on clinic.file, clinic.visit to {{app}};
grant select, insert on clinic.dose, clinic.round to {{app}};
