-- Lists of counties that rules turn on, as monitoring tells them when a document is loaded. Nobody but the projection `county-lists` writes it.
create table employment.county_list (
  id uuid constraint county_list_pk primary key,
  list text not null,
  counties text[] not null,
  valid_from date not null,
  valid_to date,
  version bigint not null
);
grant delete on employment.county_list to {{app}};

-- Who was at work outside the region in a year, by where they are registered (E-02).
create index work_record_away on employment.work_record (region, person_id) where scope in ('outside-region', 'abroad');
