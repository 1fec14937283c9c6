-- What another department keeps of them, sealed under its own keys.
create schema listener;
grant usage on schema listener to {{app}};
create table listener.person (
  id uuid constraint listener_person_pk primary key,
  secret bytea not null,
  version bigint not null,
  told integer not null
);
grant select, insert, update, delete on listener.person to {{app}};
