-- What a bulk command is to do, one row a thing, frozen when it was asked for; each row says in the end what became of it. `region` is the area of whoever asked.
create table kit.bulk_item (
  id uuid constraint bulk_item_pk primary key,
  job_id uuid not null constraint bulk_item_job references kit.job on delete cascade,
  item_id uuid not null,
  region text collate "C" not null,
  expected_version bigint not null,
  state text not null default 'waiting' constraint bulk_item_state check (state in ('waiting', 'succeeded', 'refused', 'skipped')),
  problem text,
  because jsonb,
  version bigint,
  done_at timestamptz,
  constraint bulk_item_once unique (job_id, item_id),
  constraint bulk_item_refused check ((state = 'refused') = (problem is not null)),
  constraint bulk_item_done check ((state = 'waiting') = (done_at is null))
);
create index bulk_item_order on kit.bulk_item (job_id, id);
create index bulk_item_waiting on kit.bulk_item (job_id, id) where state = 'waiting';
select kit.protect('kit.bulk_item');
grant select, insert on kit.bulk_item to {{app}};
grant update (state, problem, because, version, done_at) on kit.bulk_item to {{app}};
