-- M-05: work that was lost, as employment told it, and what came of looking at it: once for each loss, whatever is told again. A lead that was found to be false
-- stays here, so the same loss raises no other. It goes with the person.
create table monitoring.work_loss (
  source_kind text not null constraint work_loss_kind_known check (source_kind in ('work-record', 'post-holder', 'returnee')),
  source_id uuid not null,
  person_id uuid not null,
  region text collate "C" not null,
  lost_on date not null,
  because text not null,
  epidemic boolean not null,
  -- The first day on which it is looked at, once the days of grace have passed.
  due_on date not null,
  version bigint not null,
  outcome text constraint work_loss_outcome_known check (outcome in
    ('lead-registered', 'joined-lead', 'has-work', 'known', 'not-watched', 'not-a-member', 'too-long-ago', 'told-otherwise')),
  lead_id uuid,
  settled_at timestamptz,
  constraint work_loss_pk primary key (source_kind, source_id)
);
create index work_loss_due on monitoring.work_loss (due_on, source_id) where outcome is null;
create index work_loss_of_person on monitoring.work_loss (person_id);
select kit.protect('monitoring.work_loss');
create trigger keep_work_loss_with_person after update of region on monitoring.person for each row
  when (old.region <> new.region) execute function monitoring.keep_with_person('work_loss');
