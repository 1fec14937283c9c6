-- What a township's leads say early (G-01): many at once, many of one cause, or none for long. Kept after it is over, with what was found.
create table monitoring.early_alarm (
  id uuid constraint early_alarm_pk primary key,
  region text collate "C" not null,
  kind text not null constraint early_alarm_kind_known check (kind in ('rise', 'cluster', 'silence')),
  cause text constraint early_alarm_cause check ((kind = 'cluster') = (cause is not null)),
  leads integer not null constraint early_alarm_leads check (leads >= 0),
  explanation jsonb not null,
  raised_on date not null,
  status text not null default 'open' constraint early_alarm_status_known check (status in ('open', 'answered', 'ended')),
  -- What was found and is being done, in the office's own words: sealed, since people write names into it.
  answer bytea,
  answered_by text,
  answered_on date,
  ended_on date,
  version bigint not null default 1,
  constraint early_alarm_answered check ((answer is null) = (answered_on is null))
);
create unique index early_alarm_one_open on monitoring.early_alarm (region, kind, coalesce(cause, '')) where status <> 'ended';
create index early_alarm_area on monitoring.early_alarm (region, id) where status <> 'ended';
select kit.protect('monitoring.early_alarm');
create index risk_lead_found on monitoring.risk_lead (found_at);
