-- What was written in an objection goes some time after it was answered; that there was one, and what came of it, stays.
alter table kit.objection alter column content drop not null;
create index objection_answered on kit.objection (answered_at) where content is not null and answered_at is not null;
