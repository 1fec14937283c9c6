-- Who holds, or applies for, a public-welfare post (E-03, E-05). It stays where the person was registered on application, which is the post's township: that office
-- has to end it when the person moves. `told` counts the states that other departments were told.
create table employment.post_holder (
  id uuid constraint post_holder_pk primary key,
  post_id uuid not null constraint post_holder_post references employment.public_welfare_post,
  person_id uuid not null,
  household_id uuid not null,
  region text collate "C" not null,
  ground text not null,
  -- Who comes first: 1 monitored, then lifted by what keeps them from leaving
  priority integer not null,
  applied_on date not null,
  status text not null default 'applied' constraint post_holder_status_known
    check (status in ('applied', 'reviewed', 'posted', 'objected', 'approved', 'signed', 'active', 'suspended', 'left', 'refused')),
  posting_id uuid,
  agreement_no text,
  insurance text,
  from_date date,
  agreement_until date,
  until_date date,
  left_because text,
  version bigint not null default 1,
  told bigint not null default 0,
  constraint post_holder_agreement check (status not in ('signed', 'active', 'suspended', 'left')
    or (agreement_no is not null and insurance is not null and from_date is not null and agreement_until >= from_date)),
  constraint post_holder_end check ((status = 'left') = (until_date is not null) and (status = 'left') = (left_because is not null)),
  constraint post_holder_span check (until_date >= from_date)
);
-- One person, one post, in the whole region: an index sees what a caller may not.
create unique index post_holder_one_post on employment.post_holder (person_id) where status not in ('left', 'refused');
create index post_holder_area on employment.post_holder (region, id);
create index post_holder_of_post on employment.post_holder (post_id) where status not in ('left', 'refused');
create index post_holder_of_person on employment.post_holder (person_id, from_date);
select kit.protect_assigned('employment.post_holder', 'household_id');
select kit.protect_for_scans('employment.post_holder', 'household_id');

-- Days on which an agreement rests: sick, on leave.
create table employment.post_suspension (
  holder_id uuid not null constraint post_suspension_holder references employment.post_holder,
  region text collate "C" not null,
  from_date date not null,
  until_date date,
  because text not null,
  constraint post_suspension_pk primary key (holder_id, from_date),
  constraint post_suspension_span check (until_date >= from_date)
);
create unique index post_suspension_one_open on employment.post_suspension (holder_id) where until_date is null;
select kit.protect('employment.post_suspension');

-- Somebody at a post who is said to be at work away on the same days: the township finds out which is true, and the pay of those days waits.
create table employment.post_overlap (
  id uuid constraint post_overlap_pk primary key,
  holder_id uuid not null constraint post_overlap_holder references employment.post_holder,
  work_record_id uuid not null,
  person_id uuid not null,
  household_id uuid not null,
  region text collate "C" not null,
  raised_on date not null,
  settled_on date,
  outcome text constraint post_overlap_outcome_known check (outcome in ('true-and-mended', 'true-as-recorded', 'not-true', 'household-ended')),
  settled_by text,
  constraint post_overlap_settled check ((settled_on is null) = (outcome is null) and (settled_on is null) = (settled_by is null))
);
create unique index post_overlap_once on employment.post_overlap (holder_id, work_record_id);
create index post_overlap_area on employment.post_overlap (region, id);
select kit.protect_assigned('employment.post_overlap', 'household_id');
