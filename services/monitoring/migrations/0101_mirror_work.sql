-- Who is at work where, as employment tells it: one row a work record, and one a time at a public-welfare post. Folded out of employment's events and folded
-- again from the beginning when asked; nobody else writes here. It says who by id alone, and goes with the person.
create table monitoring.person_work (
  kind text not null constraint person_work_kind_known check (kind in ('work-record', 'post-holder')),
  id uuid not null,
  person_id uuid not null,
  region text collate "C" not null,
  -- Where the work is, seen from the county of registration, and how it was found; a post is in the own village.
  scope text not null,
  channel text not null,
  from_date date not null,
  until_date date,
  suspended boolean not null,
  ended_because text,
  version bigint not null,
  constraint person_work_pk primary key (kind, id)
);
create index person_work_of_person on monitoring.person_work (person_id, from_date);
select kit.protect('monitoring.person_work');
grant delete on monitoring.person_work to {{app}};

-- Who came back, and what became of it (E-10).
create table monitoring.returnee (
  id uuid constraint returnee_pk primary key,
  person_id uuid not null,
  region text collate "C" not null,
  returned_on date not null,
  epidemic boolean not null,
  wish text,
  stage text not null,
  version bigint not null
);
create index returnee_of_person on monitoring.returnee (person_id);
select kit.protect('monitoring.returnee');
grant delete on monitoring.returnee to {{app}};

-- Until when a department has been heard: what it has not said of a day after that, nobody can know.
create table monitoring.heard_until (
  department text constraint heard_until_pk primary key,
  at timestamptz not null
);
grant delete on monitoring.heard_until to {{app}};

-- A table that goes with its person asks for it with a trigger of its own:
--   create trigger keep_<table>_with_person after update of region on monitoring.person for each row
--     when (old.region <> new.region) execute function monitoring.keep_with_person('<table>');
create function monitoring.keep_with_person() returns trigger language plpgsql as $$
begin
  execute format('update monitoring.%I set region = $1 where person_id = $2 and region <> $1', tg_argv[0]) using new.region, new.id;
  return null;
end $$;
create trigger keep_person_work_with_person after update of region on monitoring.person for each row
  when (old.region <> new.region) execute function monitoring.keep_with_person('person_work');
create trigger keep_returnee_with_person after update of region on monitoring.person for each row
  when (old.region <> new.region) execute function monitoring.keep_with_person('returnee');
