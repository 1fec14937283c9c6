-- What a department tells the others of names, numbers, phones and accounts: one row a state, never its content. The content is read from the department's
-- own tables when it leaves, and travels encrypted for those entitled to it.
create table kit.private_event (
  type text not null,
  entity_id text not null,
  region text collate "C" not null,
  -- Rises with every change, also over a restored backup: never below the moment of the change in milliseconds.
  version bigint not null,
  -- The order in which changes leave.
  owed bigint generated always as identity,
  -- Sequence of the message it left in; null while it is owed.
  sequence bigint,
  message_id uuid,
  -- Why it cannot leave: its record does not open. The next change of it tries again.
  held text,
  constraint private_event_pk primary key (type, entity_id)
);
create index private_event_owed on kit.private_event (owed) where sequence is null and held is null;
create index private_event_sequence on kit.private_event (sequence) where sequence is not null;

-- Where the private stream stands, and its history: readers go through all of it again when the epoch rises.
create table kit.private_epoch (
  one boolean constraint private_epoch_pk primary key default true constraint private_epoch_one_row check (one),
  epoch integer not null,
  -- The last sequence given to a message, and the last one that the stream confirmed.
  last_sequence bigint not null,
  confirmed_sequence bigint not null
);
insert into kit.private_epoch (epoch, last_sequence, confirmed_sequence) values (1, 0, 0);

-- The readers' keys that a state is encrypted for: a key that is new, or comes back, gets everything told again.
create table kit.private_recipient (
  type text not null,
  key_id text not null,
  since timestamptz not null default clock_timestamp(),
  constraint private_recipient_pk primary key (type, key_id)
);

-- A message of a private stream holds several states; each may be put aside by itself.
alter table kit.dead_letter add column item integer not null default 0;
alter table kit.dead_letter drop constraint dead_letter_once;
alter table kit.dead_letter add constraint dead_letter_once unique (reader, source, epoch, position, item);

grant select, insert, update, delete on kit.private_event to {{app}};
grant select, update on kit.private_epoch to {{app}};
grant select, insert, delete on kit.private_recipient to {{app}};
