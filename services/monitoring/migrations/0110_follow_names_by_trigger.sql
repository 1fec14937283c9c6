-- A name has four tokens, and a foreign key looked the person up for each: half of what it takes to write them, a seventh of an import of households.
-- What is left for it to do is to let the tokens follow a person who moves, which is once in years; people are never deleted.
alter table monitoring.name_token drop constraint name_token_person;
create function monitoring.move_names() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  update monitoring.name_token set region = new.region where person_id = new.id;
  return null;
end $$;
create trigger person_moves_names after update of region on monitoring.person
  for each row when (old.region <> new.region) execute function monitoring.move_names();
