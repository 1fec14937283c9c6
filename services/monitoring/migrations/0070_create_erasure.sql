-- Destroying who a person was: asked for by the county with its ground and document, decided by the city, carried out by a job. What stays of the person is an id
-- with codes, amounts and counts.
create table monitoring.erasure (
  id uuid constraint erasure_pk primary key,
  person_id uuid not null,
  region text collate "C" not null,
  ground text not null constraint erasure_ground check (ground in ('term-reached', 'person-asked', 'entered-by-mistake', 'court-order')),
  document text not null,
  document_date date not null,
  asked_by text not null,
  asked_on date not null,
  status text not null default 'asked' constraint erasure_status check (status in ('asked', 'approved', 'refused', 'erased', 'lapsed')),
  refused_because text,
  decided_by text,
  decided_on date,
  erased_on date,
  version bigint not null default 1,
  constraint erasure_person foreign key (person_id, region) references monitoring.person (id, region) on update cascade,
  constraint erasure_refused check ((status = 'refused') = (refused_because is not null)),
  constraint erasure_decided check ((status = 'asked') = (decided_by is null) and (decided_by is null) = (decided_on is null)),
  constraint erasure_done check ((status = 'erased') = (erased_on is not null))
);
create unique index erasure_one_open on monitoring.erasure (person_id) where status in ('asked', 'approved');
create index erasure_area on monitoring.erasure (region, id);
select kit.protect('monitoring.erasure');

-- The day on which who this person was was destroyed. The row goes on under its id, and leads to nobody.
alter table monitoring.person add column erased_on date;

