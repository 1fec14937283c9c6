-- What the reading department keeps of the clinic. The tally is counted up, so that an event applied twice shows.
create schema mirror;
grant usage on schema mirror to {{app}};
create table mirror.file (
  file_id text constraint file_pk primary key,
  weight integer not null,
  version bigint not null
);
create table mirror.tally (
  file_id text constraint tally_pk primary key,
  visits bigint not null,
  amount_fen bigint not null
);
create table mirror.thanks (
  visit_id text not null
);
grant select, insert, update, delete on mirror.file, mirror.tally, mirror.thanks to {{app}};
