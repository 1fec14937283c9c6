-- Jobs take turns by whoever asked for them, so that neither one huge job nor many of one person hold up others: when each had its last turn, and whether a chunk
-- of it is under way.
alter table kit.job
  add column asker text collate "C" not null
    generated always as (coalesce(principal ->> 'issuer', '') || '|' || coalesce(principal ->> 'subject', '')) stored,
  add column turn_at timestamptz,
  add column at_work boolean not null default false;
drop index kit.job_waiting;
create index job_waiting on kit.job (asker, kind, created_at, id) where state in ('queued', 'running');
create index job_turn on kit.job (asker, turn_at) where turn_at is not null;
create index job_at_work on kit.job (turn_at) where at_work;
