-- The protection of kit.protect_assigned for tables that are searched a million rows at a time: the bounds are read once for a statement, not once for each row, and
-- written so that the planner does not take them for a narrow range of the index: whoever searches an area names it, and the planner sees how large it is.
create function monitoring.protect_at_once(target regclass) returns void language plpgsql as $$
begin
  perform kit.protect_assigned(target, 'household_id');
  execute format('alter policy area on %s using (case when region >= (select current_setting(''sw.lo'', true)) then region < (select current_setting(''sw.hi'', true)) else false end)', target);
  execute format('alter policy counties on %s using ((select coalesce(current_setting(''sw.counties'', true), '''') = '''')
    or left(region, 6) = any ((select string_to_array(current_setting(''sw.counties'', true), '',''))::text[]))', target);
  execute format('alter policy assigned on %s using ((select coalesce(current_setting(''sw.assignee'', true), '''') = '''')
    or exists (select from kit.assignment a where a.subject = current_setting(''sw.assignee'', true) and a.valid_to is null and a.household_id = %s.household_id))', target, target);
end $$;
revoke execute on function monitoring.protect_at_once(regclass) from public;

-- What departments send of a person or a household, whatever the kind of list: one row a fact, with its day. Not partitioned: `record_index` is what makes the same
-- row of two lists one row, and it has to be unique over the whole table, which a partitioned table could promise only if the index held the key of the partition.
create table monitoring.department_record (
  id uuid constraint department_record_pk primary key,
  feed_id uuid not null constraint department_record_feed references monitoring.feed,
  line integer not null,
  -- Who sent it, under which document, with data of which day: whoever sees the record need not see the feed.
  department text not null,
  document text not null,
  data_date date not null,
  kind text not null,
  household_id uuid not null,
  -- null where the row is about the household as a whole
  person_id uuid,
  region text collate "C" not null,
  day date not null,
  code text,
  amount_fen bigint constraint department_record_amount check (amount_fen >= 0),
  total_fen bigint constraint department_record_total check (total_fen >= amount_fen),
  -- What the list calls the fact, with its person, as a keyed index.
  record_index bytea not null,
  -- Free text of the row, sealed under this row's id.
  secret bytea,
  -- The comparison with the registry that the row did not pass, and what came of the row when its household was screened.
  mismatch text,
  outcome text constraint department_record_outcome_known check (outcome in ('new-lead', 'joined-lead', 'known', 'known-false', 'no-finding')),
  constraint department_record_once unique (record_index),
  constraint department_record_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
);
create index department_record_of_household on monitoring.department_record (household_id, kind, day);
create index department_record_of_person on monitoring.department_record (person_id) where person_id is not null;
create index department_record_of_feed on monitoring.department_record (feed_id, household_id);
select monitoring.protect_at_once('monitoring.department_record');

-- The medical bills that are there become records, under the ids they had.
select set_config('sw.lo', '0', true), set_config('sw.hi', 'a', true);
insert into monitoring.department_record (id, feed_id, line, department, document, data_date, kind, household_id, person_id, region, day, amount_fen, total_fen, record_index)
  select b.id, b.feed_id, b.line, f.department, f.document, f.data_date, 'medical-bill', b.household_id, b.person_id, b.region, b.settled_on, b.self_paid_fen, b.total_fen, b.bill_index
  from monitoring.medical_bill b join monitoring.feed f on f.id = b.feed_id;
drop table monitoring.medical_bill;

-- The rows of a feed between reading and matching; the person is looked for by number, else by name, birth date and village.
alter table monitoring.feed_row rename column bill_index to record_index;
alter table monitoring.feed_row rename column settled_on to day;
alter table monitoring.feed_row rename column self_paid_fen to amount_fen;
alter table monitoring.feed_row alter column person_index drop not null;
alter table monitoring.feed_row alter column amount_fen drop not null;
alter table monitoring.feed_row alter column total_fen drop not null;
alter table monitoring.feed_row
  add column name_token bytea,
  add column birth_date date,
  add column village text collate "C",
  add column code text,
  add column secret bytea,
  -- The id the row will have as a record: its text is sealed under it.
  add column record_id uuid not null default uuidv7();
alter table monitoring.feed_row alter column record_id drop default;
alter table monitoring.feed_row add constraint feed_row_findable check (person_index is not null or name_token is not null and birth_date is not null and village is not null);
update kit.job set kind = 'department-feed' where kind = 'medical-bill-feed' and state in ('queued', 'running');

-- A row whose number fits nobody, but whose name, birth date and village fit a member: somebody looks, nothing is taken silently.
create table monitoring.feed_match (
  id uuid constraint feed_match_pk primary key,
  feed_id uuid not null constraint feed_match_feed references monitoring.feed,
  line integer not null,
  department text not null,
  document text not null,
  data_date date not null,
  layout text not null,
  region text collate "C" not null,
  candidates uuid[] not null constraint feed_match_candidates check (cardinality(candidates) between 1 and 50),
  day date not null,
  code text,
  amount_fen bigint,
  total_fen bigint,
  record_index bytea not null,
  secret bytea,
  status text not null default 'open' constraint feed_match_status_known check (status in ('open', 'confirmed', 'dismissed')),
  decided_by text,
  decided_at timestamptz,
  constraint feed_match_once unique (record_index)
);
create index feed_match_open on monitoring.feed_match (region, id) where status = 'open';
select kit.protect('monitoring.feed_match');
