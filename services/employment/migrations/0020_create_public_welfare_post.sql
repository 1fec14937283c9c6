-- Posts paid from public money for people who cannot leave (E-03 to E-05). `version` counts every change, `told` the states that other departments were told.
create table employment.public_welfare_post (
  id uuid constraint public_welfare_post_pk primary key,
  region text collate "C" not null,
  kind text not null,
  mode text not null constraint public_welfare_post_mode_known check (mode in ('monthly', 'daily', 'by-task')),
  source text not null,
  -- The terms in force, as the county confirmed them; before that as they were planned
  headcount integer not null constraint public_welfare_post_headcount check (headcount > 0),
  rate_fen bigint not null constraint public_welfare_post_rate check (rate_fen > 0),
  units_per_month integer not null constraint public_welfare_post_units check (units_per_month > 0),
  standard_fen bigint not null,
  floor_reason text,
  from_date date not null,
  until_date date,
  status text not null default 'planned'
    constraint public_welfare_post_status_known check (status in ('planned', 'confirmed', 'refused', 'open', 'closed')),
  closed_because text,
  -- Title, place and remarks, sealed under this row's id
  secret bytea not null,
  planned_by text not null,
  version bigint not null default 1,
  told bigint not null default 0,
  constraint public_welfare_post_span check (until_date >= from_date),
  constraint public_welfare_post_standard check (standard_fen = case mode when 'monthly' then rate_fen else rate_fen * units_per_month end),
  constraint public_welfare_post_end check ((status = 'closed') = (closed_because is not null))
);
create index public_welfare_post_area on employment.public_welfare_post (region, id);
select kit.protect('employment.public_welfare_post');

-- What was agreed for a post from which day on: number of places and rate. The first terms are the plan's; each is proposed by one person and confirmed by another.
create table employment.post_term (
  post_id uuid not null constraint post_term_post references employment.public_welfare_post,
  n integer not null,
  region text collate "C" not null,
  from_date date not null,
  headcount integer not null constraint post_term_headcount check (headcount > 0),
  rate_fen bigint not null constraint post_term_rate check (rate_fen > 0),
  units_per_month integer not null constraint post_term_units check (units_per_month > 0),
  standard_fen bigint not null,
  floor_reason text,
  state text not null default 'proposed' constraint post_term_state_known check (state in ('proposed', 'confirmed', 'refused')),
  document text,
  constraint post_term_pk primary key (post_id, n),
  constraint post_term_document check ((state = 'confirmed') = (document is not null))
);
create unique index post_term_one_proposed on employment.post_term (post_id) where state = 'proposed';
create unique index post_term_one_a_day on employment.post_term (post_id, from_date) where state = 'confirmed';
select kit.protect('employment.post_term');
