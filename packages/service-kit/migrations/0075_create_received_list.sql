-- A list that somebody sent in and a job takes in row by row: which way it came in by (`intake`) and what kind it is of there. What its rows become is the service's own.
create table kit.received_list (
  id uuid constraint received_list_pk primary key,
  intake text not null,
  kind text not null,
  region text collate "C" not null,
  -- The department that sent it, or the level of the office that did.
  department text not null,
  document text not null,
  data_date date not null,
  -- A trial: every row is looked at and nothing is taken in.
  dry_run boolean not null default false,
  file_id uuid not null,
  job_id uuid not null,
  received_by text not null,
  at timestamptz not null
);
create index received_list_of_intake on kit.received_list (intake, id);
select kit.protect('kit.received_list');
grant select, insert on kit.received_list to {{app}};

-- The rows of it that could not be taken: their place in the file and why. What stood in them stays in the sealed file alone.
create table kit.refused_row (
  list_id uuid not null constraint refused_row_list references kit.received_list,
  line integer not null,
  region text collate "C" not null,
  reasons jsonb not null,
  constraint refused_row_pk primary key (list_id, line)
);
select kit.protect('kit.refused_row');
grant select, insert, delete on kit.refused_row to {{app}};
