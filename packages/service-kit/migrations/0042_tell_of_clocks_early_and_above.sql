-- A clock may be shown as pressing before its end, and to the level above once it has been past its end for some time.
alter table kit.deadline
  add column remind_at timestamptz,
  add column escalate_role text,
  add column escalate_at timestamptz,
  add constraint deadline_reminder check (remind_at <= due_at),
  add constraint deadline_escalation check ((escalate_role is null) = (escalate_at is null) and escalate_at >= due_at);
