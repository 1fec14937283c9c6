-- What every department's database holds besides its own tables. {{app}} is the service's own role: it owns nothing here,
-- bypasses no policy, and has exactly the rights granted below.
create schema kit;
grant usage on schema kit to {{app}};

-- Business time. The offset is 0 in production; a demo fixes one at its first start and keeps it for good.
create table kit.clock (
  one boolean constraint clock_pk primary key default true constraint clock_one_row check (one),
  offset_ms bigint not null,
  set_at timestamptz not null default clock_timestamp()
);
create function kit.now() returns timestamptz language sql stable
  as $$ select now() + coalesce((select offset_ms from kit.clock), 0) * interval '1 millisecond' $$;
create function kit.today() returns date language sql stable
  as $$ select (kit.now() at time zone 'Asia/Shanghai')::date $$;

-- Area protection. A transaction sets sw.lo and sw.hi (a range of division codes); unset means no rows.
-- sw.counties narrows to a list of counties (paired users), sw.assignee to the households assigned to one person.
create table kit.assignment (
  id uuid constraint assignment_pk primary key,
  kind text not null,
  subject text not null,
  household_id uuid not null,
  region text collate "C" not null,
  valid_from date not null,
  valid_to date,
  constraint assignment_span check (valid_to is null or valid_to >= valid_from)
);
create unique index assignment_once on kit.assignment (kind, subject, household_id) where valid_to is null;
create index assignment_household on kit.assignment (household_id) where valid_to is null;

create function kit.protect(target regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy area on %s using (region >= current_setting(''sw.lo'', true) and region < current_setting(''sw.hi'', true))', target);
  execute format('create policy counties on %s as restrictive using (coalesce(current_setting(''sw.counties'', true), '''') = '''' or left(region, 6) = any (string_to_array(current_setting(''sw.counties'', true), '','')))', target);
end $$;

create function kit.protect_assigned(target regclass, household_column name) returns void language plpgsql as $$
begin
  perform kit.protect(target);
  execute format('create policy assigned on %s as restrictive using (coalesce(current_setting(''sw.assignee'', true), '''') = '''' or exists (select from kit.assignment a where a.subject = current_setting(''sw.assignee'', true) and a.valid_to is null and a.household_id = %s.%I))', target, target, household_column);
end $$;

select kit.protect('kit.assignment');

-- Outbox: kept for good. id is taken inside the transaction, position when the relay meets the committed row.
create table kit.outbox (
  id bigint generated always as identity constraint outbox_pk primary key,
  position bigint constraint outbox_position unique,
  event_id uuid not null constraint outbox_event unique,
  subject text not null,
  entity text not null,
  entity_id text not null,
  version bigint not null,
  envelope text not null,
  appended_at timestamptz not null default clock_timestamp(),
  constraint outbox_version unique (entity, entity_id, version),
  constraint outbox_size check (octet_length(envelope) <= 65536)
);
create index outbox_unstamped on kit.outbox (id) where position is null;
create table kit.epoch (
  one boolean constraint epoch_pk primary key default true constraint epoch_one_row check (one),
  epoch integer not null,
  from_position bigint not null
);
insert into kit.epoch (epoch, from_position) values (1, 0);

-- Lanes: where each reader stands in each department's stream, written in the transaction of the effects.
create table kit.lane (
  reader text not null,
  source text not null,
  position bigint not null,
  epoch integer not null,
  moved_at timestamptz not null default clock_timestamp(),
  constraint lane_pk primary key (reader, source)
);
create table kit.seen_version (
  reader text not null,
  entity text not null,
  entity_id text not null,
  version bigint not null,
  constraint seen_version_pk primary key (reader, entity, entity_id)
);
create table kit.seen_fact (
  reader text not null,
  event_id uuid not null,
  constraint seen_fact_pk primary key (reader, event_id)
);
create table kit.dead_letter (
  id bigint generated always as identity constraint dead_letter_pk primary key,
  reader text not null,
  source text not null,
  position bigint not null,
  epoch integer not null,
  entity_key text not null,
  type text not null,
  body text not null,
  error text not null,
  attempts integer not null,
  state text not null constraint dead_letter_state check (state in ('parked', 'queued', 'replayed', 'skipped')),
  reason text,
  parked_at timestamptz not null default clock_timestamp(),
  next_attempt_at timestamptz,
  constraint dead_letter_once unique (reader, source, epoch, position)
);
create index dead_letter_open on kit.dead_letter (reader, source, entity_key, position) where state in ('parked', 'queued');

-- Region-wide uniqueness: no row-level security, and a role that may only insert. No inserted row means: taken.
create table kit.claim_key (
  kind text not null,
  key text not null,
  holder text not null,
  taken_at timestamptz not null default clock_timestamp(),
  constraint claim_key_pk primary key (kind, key)
);
create function kit.release_key(which_kind text, which_key text, by_holder text) returns boolean
  language sql security definer set search_path = pg_catalog
  as $$ with gone as (delete from kit.claim_key where kind = which_kind and key = which_key and holder = by_holder returning 1) select exists (select from gone) $$;

create table kit.idempotency (
  issuer text not null,
  subject text not null,
  route text not null,
  key text not null,
  body_hash bytea not null,
  status integer,
  reply jsonb,
  created_at timestamptz not null default clock_timestamp(),
  constraint idempotency_pk primary key (issuer, subject, route, key)
);
create index idempotency_age on kit.idempotency (created_at);

-- Audit: rows written in the change's transaction, chained by the sealer within a second.
create table kit.audit (
  id bigint generated always as identity constraint audit_pk primary key,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  roles text[] not null,
  action text not null,
  entity text not null,
  entity_id text not null,
  region text collate "C" not null,
  clause text,
  purpose text,
  trace_id text,
  changed jsonb not null,
  sealed boolean not null default false
);
create index audit_unsealed on kit.audit (id) where not sealed;
create index audit_entity on kit.audit (entity, entity_id);
create table kit.audit_seal (
  seq bigint constraint audit_seal_pk primary key,
  audit_id bigint not null constraint audit_seal_once unique,
  hash bytea not null
);

create table kit.deadline (
  id uuid constraint deadline_pk primary key,
  kind text not null,
  clause text not null,
  entity text not null,
  entity_id text not null,
  household_id uuid,
  region text collate "C" not null,
  role text not null,
  assignee text,
  started_at timestamptz not null,
  due_at timestamptz not null,
  state text not null default 'open' constraint deadline_state check (state in ('open', 'met', 'cancelled')),
  ended_at timestamptz,
  overdue_at timestamptz,
  version bigint not null default 1,
  constraint deadline_order check (due_at >= started_at)
);
create unique index deadline_one_open on kit.deadline (kind, entity, entity_id) where state = 'open';
create index deadline_due on kit.deadline (due_at) where state = 'open';
create index deadline_area on kit.deadline (region, due_at) where state = 'open';
select kit.protect('kit.deadline');

-- Amounts, thresholds and lists in force from/to, by division; history is kept.
create table kit.parameter (
  id uuid constraint parameter_pk primary key,
  key text not null,
  region text collate "C" not null,
  value jsonb not null,
  valid_from date not null,
  valid_to date,
  document text not null,
  loaded_by text not null,
  loaded_at timestamptz not null default clock_timestamp(),
  replaced_at timestamptz,
  constraint parameter_span check (valid_to is null or valid_to >= valid_from)
);
create unique index parameter_once on kit.parameter (key, region, valid_from) where replaced_at is null;

create table kit.file (
  id uuid constraint file_pk primary key,
  region text collate "C" not null,
  household_id uuid,
  name text not null,
  media_type text not null,
  bytes integer not null constraint file_size check (bytes between 0 and 10485760),
  sha256 bytea not null,
  content bytea not null,
  purpose text not null,
  uploaded_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_on date
);
select kit.protect('kit.file');

-- Long work: chunks of at most 1,000 rows or two seconds, each one transaction with its checkpoint; totals are the sum of the chunks.
create table kit.job (
  id uuid constraint job_pk primary key,
  kind text not null,
  region text collate "C" not null,
  principal jsonb not null,
  input jsonb not null,
  checkpoint jsonb,
  state text not null default 'queued' constraint job_state check (state in ('queued', 'running', 'done', 'failed')),
  attempts integer not null default 0,
  retry_at timestamptz,
  error text,
  result jsonb,
  created_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz
);
create index job_waiting on kit.job (created_at) where state in ('queued', 'running');
create table kit.job_chunk (
  job_id uuid not null constraint job_chunk_job references kit.job on delete cascade,
  n integer not null,
  totals jsonb not null,
  at timestamptz not null default clock_timestamp(),
  constraint job_chunk_pk primary key (job_id, n)
);
create table kit.schedule (
  name text constraint schedule_pk primary key,
  last_run_at timestamptz not null,
  last_slot text not null
);

create table kit.posting (
  id uuid constraint posting_pk primary key,
  kind text not null,
  clause text not null,
  entity text not null,
  entity_id text not null,
  household_id uuid,
  region text collate "C" not null,
  levels text[] not null,
  body jsonb not null,
  starts_on date not null,
  last_day date not null,
  state text not null constraint posting_state check (state in ('posted', 'cleared', 'withdrawn')),
  ended_at timestamptz,
  version bigint not null default 1,
  constraint posting_span check (last_day >= starts_on)
);
create index posting_entity on kit.posting (entity, entity_id);
select kit.protect('kit.posting');
create table kit.objection (
  id uuid constraint objection_pk primary key,
  posting_id uuid not null constraint objection_posting references kit.posting,
  region text collate "C" not null,
  content bytea not null,
  raised_by text not null,
  raised_at timestamptz not null,
  answered_at timestamptz,
  upheld boolean
);
select kit.protect('kit.objection');

create table kit.review_step (
  id uuid constraint review_step_pk primary key,
  chain text not null,
  entity text not null,
  entity_id text not null,
  household_id uuid,
  region text collate "C" not null,
  round integer not null,
  step text not null,
  outcome text not null,
  actor text not null,
  acting_for text,
  at timestamptz not null,
  detail jsonb not null default '{}'
);
create index review_step_entity on kit.review_step (entity, entity_id, round);
select kit.protect('kit.review_step');

grant select on all tables in schema kit to {{app}};
revoke select on kit.claim_key from {{app}};
grant insert on kit.claim_key, kit.outbox, kit.lane, kit.seen_version, kit.seen_fact, kit.dead_letter, kit.idempotency, kit.audit, kit.audit_seal, kit.clock,
  kit.deadline, kit.parameter, kit.file, kit.job, kit.job_chunk, kit.schedule, kit.posting, kit.objection, kit.review_step, kit.assignment to {{app}};
grant update (position) on kit.outbox to {{app}};
grant update (sealed) on kit.audit to {{app}};
grant update on kit.epoch, kit.lane, kit.seen_version, kit.dead_letter, kit.idempotency, kit.deadline, kit.job, kit.schedule, kit.posting, kit.objection to {{app}};
grant update (valid_to) on kit.assignment to {{app}};
grant update (valid_to, replaced_at) on kit.parameter to {{app}};
grant delete on kit.idempotency, kit.seen_version, kit.seen_fact, kit.file to {{app}};
grant execute on function kit.now(), kit.today(), kit.release_key(text, text, text) to {{app}};
revoke execute on function kit.release_key(text, text, text) from public;
revoke execute on function kit.protect(regclass), kit.protect_assigned(regclass, name) from public;
