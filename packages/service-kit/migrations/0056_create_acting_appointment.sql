-- Who acts for whom, in which office and where, from and until when, by which document. Whoever acts sees the appointment wherever it is.
create table kit.acting_appointment (
  id uuid constraint acting_appointment_pk primary key,
  region text collate "C" not null,
  role text not null,
  acting text not null,
  acting_for text not null,
  from_date date not null,
  until_date date not null,
  document text not null,
  appointed_by text not null,
  appointed_at timestamptz not null,
  ended_on date,
  ended_by text,
  constraint acting_appointment_span check (until_date >= from_date),
  constraint acting_appointment_two check (acting <> acting_for and acting <> appointed_by),
  constraint acting_appointment_end check ((ended_on is null) = (ended_by is null))
);
create unique index acting_appointment_once on kit.acting_appointment (acting, acting_for, role, region, from_date) where ended_on is null;
create index acting_appointment_area on kit.acting_appointment (region, id);
select kit.protect('kit.acting_appointment');
create policy own on kit.acting_appointment for select using (acting = current_setting('sw.actor', true));
grant select, insert on kit.acting_appointment to {{app}};
grant update (ended_on, ended_by) on kit.acting_appointment to {{app}};

-- Both people of an act done in another's office: who did it, and for whom. Entries without one are chained as they were before.
alter table kit.audit add column acting_for text;
