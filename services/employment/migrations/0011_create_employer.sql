-- Lawful operators that people work for in their own county (E-09): workshops, enterprises, businesses of one owner, cooperatives, family farms. Known by a
-- unified social credit code, or, without one, by the number of the township's certificate.
create table employment.employer (
  id uuid constraint employer_pk primary key,
  kind text not null constraint employer_kind_known
    check (kind in ('assistance-workshop', 'enterprise', 'individual-business', 'cooperative', 'family-farm', 'other')),
  credit_code text,
  certificate text,
  -- Where it is: its township, or its village.
  region text collate "C" not null,
  -- The household it belongs to, where it is one's own
  owner_household_id uuid,
  -- Its name, sealed under this row's id: a small business bears its owner's
  secret bytea not null,
  status text not null default 'operating' constraint employer_status_known check (status in ('operating', 'closed')),
  closed_on date,
  recorded_by text not null,
  version bigint not null default 1,
  constraint employer_known_by check (credit_code is not null or certificate is not null),
  constraint employer_closed check ((status = 'closed') = (closed_on is not null))
);
-- One of a code in the whole region, one of a certificate in a township.
create unique index employer_one_code on employment.employer (credit_code) where credit_code is not null;
create unique index employer_one_certificate on employment.employer (left(region, 9), certificate) where credit_code is null;
create index employer_area on employment.employer (region, id);
-- A clerk claims for whoever works in the next township: everybody reads every employer, and writes those of the own area alone.
select kit.protect('employment.employer');
create policy everybody_reads on employment.employer for select using (true);
