-- The content of an event may have to go, by law or after a mistake; its place stays. The outbox keeps position, id and subject with an envelope without
-- data, and the relay takes the message out of the stream. A stream that is laid again gets the empty envelope at the same place.
create table kit.erased_event (
  position bigint constraint erased_event_pk primary key,
  event_id uuid not null,
  reason text not null,
  erased_by text not null,
  erased_at timestamptz not null default clock_timestamp(),
  left_stream_at timestamptz
);
create index erased_event_in_stream on kit.erased_event (position) where left_stream_at is null;

-- The service's role may otherwise change nothing of an event but its position.
create function kit.erase_event(which bigint, why text, who text) returns boolean language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into kit.erased_event (position, event_id, reason, erased_by)
    select position, event_id, why, who from kit.outbox where position = which on conflict do nothing;
  if not found then return false; end if;
  update kit.outbox set envelope = (envelope::jsonb - 'data' - 'actor' - 'traceparent'
    || jsonb_build_object('type', split_part(envelope::jsonb ->> 'type', '.', 1) || '.event.erased.v1'))::text where position = which;
  return true;
end $$;
grant select on kit.erased_event to {{app}};
grant update (left_stream_at) on kit.erased_event to {{app}};
grant execute on function kit.erase_event(bigint, text, text) to {{app}};
revoke execute on function kit.erase_event(bigint, text, text) from public;
