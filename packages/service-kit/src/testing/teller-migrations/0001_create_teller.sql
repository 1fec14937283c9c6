-- The tables of a department that knows people's names, sealed.
create schema teller;
grant usage on schema teller to {{app}};
create table teller.person (
  id uuid constraint teller_person_pk primary key,
  region text collate "C" not null,
  secret bytea not null
);
select kit.protect('teller.person');
grant select, insert, update, delete on teller.person to {{app}};
