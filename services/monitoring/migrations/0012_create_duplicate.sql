-- Two records that may be one: people of one name and birth date, households of one village whose heads have one name. Asked once, decided by a person.
create table monitoring.possible_duplicate (
  id uuid constraint possible_duplicate_pk primary key,
  kind text not null constraint possible_duplicate_kind_known check (kind in ('person', 'household')),
  household_id uuid not null,
  region text collate "C" not null,
  other_household_id uuid not null constraint possible_duplicate_other references monitoring.household,
  person_id uuid not null constraint possible_duplicate_person references monitoring.person,
  other_person_id uuid not null constraint possible_duplicate_other_person references monitoring.person,
  status text not null default 'open' constraint possible_duplicate_status_known check (status in ('open', 'same', 'different')),
  found_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  document text,
  constraint possible_duplicate_two check (person_id <> other_person_id),
  -- the smaller id first, so that a pair is one row whoever meets whom
  constraint possible_duplicate_order check (person_id < other_person_id),
  constraint possible_duplicate_once unique (kind, person_id, other_person_id),
  constraint possible_duplicate_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index possible_duplicate_area on monitoring.possible_duplicate (region, status, id);
create index possible_duplicate_of_household on monitoring.possible_duplicate (household_id);
select kit.protect_assigned('monitoring.possible_duplicate', 'household_id');
create index person_look_alike on monitoring.person (birth_date, name_mask) where status = 'member';
create index person_head_look_alike on monitoring.person (name_mask, region) where status = 'member' and relation = 'head';
