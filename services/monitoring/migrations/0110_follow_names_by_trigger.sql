-- A name has four tokens, and a foreign key looked the person up for each: half of what it takes to write them, a seventh of an import of households.
-- What the key did for tokens is done when a person moves or goes, which is once in years.
alter table monitoring.name_token drop constraint name_token_person;
create function monitoring.follow_person_by_name() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'DELETE' then delete from monitoring.name_token where person_id = old.id;
  else update monitoring.name_token set region = new.region where person_id = new.id;
  end if;
  return null;
end $$;
create trigger person_moves_names after update of region on monitoring.person
  for each row when (old.region is distinct from new.region) execute function monitoring.follow_person_by_name();
create trigger person_takes_names after delete on monitoring.person
  for each row execute function monitoring.follow_person_by_name();
