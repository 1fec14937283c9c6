-- All open work of one person goes to another: who asked, why, and how the successor is reached. What was moved stands with the job.
create table monitoring.hand_over (
  id uuid constraint hand_over_pk primary key,
  region text collate "C" not null,
  from_subject text not null,
  to_subject text not null,
  because text not null constraint hand_over_because_known check (because in ('transferred', 'retired', 'leave', 'acting', 'other')),
  -- name, unit and phone of the successor, sealed under this row's id; null where no household's helper changes
  secret bytea,
  job_id uuid not null,
  requested_by text not null,
  requested_at timestamptz not null,
  constraint hand_over_two check (from_subject <> to_subject)
);
create index hand_over_area on monitoring.hand_over (region, id);
create index hand_over_helper on monitoring.helper (subject) where until_date is null;
create index hand_over_lead on monitoring.risk_lead (dispatched_to) where status = 'dispatched';
create index hand_over_suspect on monitoring.suspect (assigned_to) where status = 'assigned';
select kit.protect('monitoring.hand_over');
grant select, insert on monitoring.hand_over to {{app}};
-- A key rotation seals it again.
grant update (secret) on monitoring.hand_over to {{app}};
