-- Rows of a list on their way into a file, a chunk of the job at a time, sealed; they go when the file is written.
create table kit.export_part (
  job_id uuid not null constraint export_part_job references kit.job on delete cascade,
  n integer not null,
  region text collate "C" not null,
  rows integer not null,
  content bytea not null,
  constraint export_part_pk primary key (job_id, n)
);
select kit.protect('kit.export_part');
grant select, insert, update, delete on kit.export_part to {{app}};
create index job_of_kind on kit.job (kind, created_at);
