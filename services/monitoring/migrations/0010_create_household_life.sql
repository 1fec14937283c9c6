-- What happens to households and their members: split, merge, move, closure; people who come and go. A household keeps its id for good.
alter table monitoring.household
  add column merged_into uuid,
  add column split_from uuid;
-- Where a value comes from: the department that gave it and the day its data are of.
alter table monitoring.household_change
  add column department text,
  add column data_date date;

-- Everything that belongs to a household or a person follows it to its new place by the key; facts of the old place say so in region_at.
alter table monitoring.person add constraint person_id_region unique (id, region);
alter table monitoring.name_token
  drop constraint name_token_person,
  add constraint name_token_person foreign key (person_id, region) references monitoring.person (id, region) on update cascade on delete cascade;
alter table monitoring.lead_verification
  add constraint lead_verification_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade;
alter table monitoring.case_paper
  add constraint case_paper_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade;
alter table monitoring.helper
  add constraint helper_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade;
alter table monitoring.household_plan
  add constraint household_plan_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade;
alter table monitoring.household_plan_item
  add constraint household_plan_item_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade;
alter table monitoring.measure
  add column region_at text collate "C",
  add constraint measure_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade;
alter table monitoring.visit
  add column region_at text collate "C",
  add constraint visit_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade;
alter table monitoring.household_income
  add column region_at text collate "C",
  add column recorded_at timestamptz not null default kit.now();
alter table monitoring.risk_lead add column region_at text collate "C";
alter table monitoring.false_lead
  add constraint false_lead_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade;
create index lead_verification_of_household on monitoring.lead_verification (household_id);
create index case_paper_of_household on monitoring.case_paper (household_id);
create index helper_of_household on monitoring.helper (household_id);
create index household_plan_of_household on monitoring.household_plan (household_id);
create index household_plan_item_of_household on monitoring.household_plan_item (household_id);
create index helper_visit_month_of_household on monitoring.helper_visit_month (household_id);

-- The kit's rows about a household follow it too. Assignments do not: they end where they were made.
alter table kit.deadline
  add constraint deadline_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade;
alter table kit.posting
  add constraint posting_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade,
  add constraint posting_id_region unique (id, region);
alter table kit.objection
  add constraint objection_place foreign key (posting_id, region) references kit.posting (id, region) on update cascade;
alter table kit.review_step
  add constraint review_step_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade;
alter table kit.file
  add constraint file_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade;
create index deadline_of_household on kit.deadline (household_id) where household_id is not null;
create index posting_of_household on kit.posting (household_id) where household_id is not null;
create index review_step_of_household on kit.review_step (household_id) where household_id is not null;
create index file_of_household on kit.file (household_id) where household_id is not null;

-- One row a change of a person: what stands open of it in clear, name, number and phone before and after sealed.
create table monitoring.person_change (
  id uuid constraint person_change_id unique not null,
  person_id uuid not null,
  version bigint not null,
  region text collate "C" not null,
  household_id uuid,
  because text not null,
  on_date date not null,
  changed jsonb not null,
  secret bytea,
  source text not null,
  department text,
  document text,
  actor text not null,
  at timestamptz not null,
  constraint person_change_pk primary key (person_id, version),
  constraint person_change_person foreign key (person_id, region) references monitoring.person (id, region) on update cascade
);
create index person_change_of_household on monitoring.person_change (household_id);
select kit.protect_assigned('monitoring.person_change', 'household_id');

-- A membership that ended: from its first day to the day it ended, which is the next one's first. The present one is the person's own row.
create table monitoring.past_membership (
  id uuid constraint past_membership_pk primary key,
  person_id uuid not null constraint past_membership_person references monitoring.person,
  household_id uuid not null,
  region text collate "C" not null,
  relation text not null,
  since date not null,
  until date not null,
  because text not null,
  constraint past_membership_span check (until >= since),
  constraint past_membership_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index past_membership_of_household on monitoring.past_membership (household_id);
create index past_membership_of_person on monitoring.past_membership (person_id);
select kit.protect_assigned('monitoring.past_membership', 'household_id');

-- A known person of another area whom a household says has joined it: looked up for the whole region afterwards, so the asking office learns yes or no and no place.
create table monitoring.join_request (
  id uuid constraint join_request_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  identity_index bytea not null,
  relation text not null,
  because text not null,
  on_date date not null,
  source text not null,
  document text,
  asked_by text not null,
  asked_at timestamptz not null,
  status text not null constraint join_request_status_known check (status in ('checking', 'joined', 'refused')),
  refused_because text,
  person_id uuid,
  answered_at timestamptz,
  constraint join_request_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index join_request_of_household on monitoring.join_request (household_id);
select kit.protect_assigned('monitoring.join_request', 'household_id');

-- Two households made one, with what undoing it needs: who came from where, and in what relation.
create table monitoring.household_merge (
  id uuid constraint household_merge_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  merged_id uuid not null,
  merged_on date not null,
  merged_at timestamptz not null,
  -- household_kind, guarantees and low income of both before
  before jsonb not null,
  -- person, relation and version before; relation after
  carried jsonb not null,
  undone_at timestamptz,
  version bigint not null default 1,
  constraint household_merge_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade,
  constraint household_merge_merged foreign key (merged_id, region) references monitoring.household (id, region) on update cascade
);
create index household_merge_of_household on monitoring.household_merge (household_id);
create index household_merge_of_merged on monitoring.household_merge (merged_id);
select kit.protect_assigned('monitoring.household_merge', 'household_id');

create table monitoring.household_closure (
  household_id uuid constraint household_closure_pk primary key,
  region text collate "C" not null,
  code text not null,
  closed_on date not null,
  document text not null,
  -- the reason in words, sealed: it may name people
  note bytea,
  closed_by text not null,
  closed_at timestamptz not null,
  constraint household_closure_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
select kit.protect_assigned('monitoring.household_closure', 'household_id');

-- A move, offered by the old place and answered by the new one. Both see it: the old place its household's, the new place what it needs to answer.
create table monitoring.household_move (
  id uuid constraint household_move_pk primary key,
  household_id uuid not null constraint household_move_household references monitoring.household,
  from_region text collate "C" not null,
  to_region text collate "C" not null,
  status text not null constraint household_move_status_known check (status in ('offered', 'accepted', 'declined', 'withdrawn', 'expired', 'done')),
  reason text not null,
  document text,
  -- masked: head, headcount, kind; what the new place sees until the household is there
  summary jsonb not null,
  offered_by text not null,
  offered_at timestamptz not null,
  expires_on date not null,
  answered_by text,
  answered_at timestamptz,
  declined_because text,
  applied_at timestamptz,
  version bigint not null default 1,
  constraint household_move_places check (from_region <> to_region)
);
create unique index household_move_one_open on monitoring.household_move (household_id) where status in ('offered', 'accepted');
create index household_move_from on monitoring.household_move (from_region, id);
create index household_move_to on monitoring.household_move (to_region, id);
create index household_move_expiry on monitoring.household_move (expires_on) where status = 'offered';
-- As kit.protect does, with two places instead of one; people who see assigned households only see no moves.
alter table monitoring.household_move enable row level security;
alter table monitoring.household_move force row level security;
create policy area on monitoring.household_move using (
  (from_region >= current_setting('sw.lo', true) and from_region < current_setting('sw.hi', true))
  or (to_region >= current_setting('sw.lo', true) and to_region < current_setting('sw.hi', true)));
create policy counties on monitoring.household_move as restrictive using (coalesce(current_setting('sw.counties', true), '') = ''
  or left(from_region, 6) = any (string_to_array(current_setting('sw.counties', true), ','))
  or left(to_region, 6) = any (string_to_array(current_setting('sw.counties', true), ',')));
create policy assigned on monitoring.household_move as restrictive using (coalesce(current_setting('sw.assignee', true), '') = '');
