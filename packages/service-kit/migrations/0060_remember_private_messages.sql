-- Which entities' states stood in which message of the private stream, for as long as the stream holds it: an erased person's messages can then be taken out.
create table kit.private_message (
  sequence bigint constraint private_message_pk primary key,
  type text not null,
  -- Null where nobody knows any more: the database was restored from a backup that is older than the message.
  entity_ids text[],
  told_at timestamptz not null default clock_timestamp(),
  -- It is to leave the stream, and when it did.
  retracted_at timestamptz,
  left_stream_at timestamptz
);
create index private_message_to_retract on kit.private_message (sequence) where retracted_at is not null and left_stream_at is null;
create index private_message_age on kit.private_message (told_at);
insert into kit.private_message (sequence, type, entity_ids)
  select sequence, min(type), array_agg(entity_id) from kit.private_event where sequence is not null group by sequence;
grant select, insert, update, delete on kit.private_message to {{app}};
