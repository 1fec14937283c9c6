-- The rows of a feed between reading and matching: keyed indexes, a day and amounts, nothing of a person in clear. Each is deleted as it is matched. Kept in
-- the log like any table: an unlogged one would be empty after a crash of the server while the job goes on at its checkpoint.
create table monitoring.feed_row (
  feed_id uuid not null constraint feed_row_feed references monitoring.feed,
  line integer not null,
  region text collate "C" not null,
  person_index bytea not null,
  bill_index bytea not null,
  settled_on date not null,
  total_fen bigint not null,
  self_paid_fen bigint not null,
  constraint feed_row_pk primary key (feed_id, line)
);
grant delete on monitoring.feed_row to {{app}};
select kit.protect('monitoring.feed_row');

-- The rows of a feed that could not be taken: their place in the file and why. What stood in them stays in the sealed file alone.
create table monitoring.feed_refusal (
  feed_id uuid not null constraint feed_refusal_feed references monitoring.feed,
  line integer not null,
  region text collate "C" not null,
  reasons jsonb not null,
  constraint feed_refusal_pk primary key (feed_id, line)
);
grant delete on monitoring.feed_refusal to {{app}};
select kit.protect('monitoring.feed_refusal');

-- Which households a feed touched, in order of their id.
create index medical_bill_of_feed on monitoring.medical_bill (feed_id, household_id);
