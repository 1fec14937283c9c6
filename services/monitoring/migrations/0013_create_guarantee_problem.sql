-- An open problem of the three guarantees or of water: since when, from which source, and how it ended. The household's own row says whether it is met.
create table monitoring.guarantee_problem (
  id uuid constraint guarantee_problem_pk primary key,
  household_id uuid not null,
  region text collate "C" not null,
  guarantee text not null constraint guarantee_problem_known check (guarantee in ('schooling', 'medicalCare', 'housing', 'drinkingWater')),
  since date not null,
  source text not null,
  document text,
  opened_at timestamptz not null,
  status text not null default 'open' constraint guarantee_problem_status_known check (status in ('open', 'met', 'ended')),
  closed_on date,
  closing_source text,
  closing_document text,
  proof_file_id uuid,
  constraint guarantee_problem_closed check ((status = 'open') = (closed_on is null)),
  constraint guarantee_problem_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create unique index guarantee_problem_one_open on monitoring.guarantee_problem (household_id, guarantee) where status = 'open';
create index guarantee_problem_area on monitoring.guarantee_problem (region, status, id);
select kit.protect_assigned('monitoring.guarantee_problem', 'household_id');
