-- A record that goes with its person, wherever that person is registered. A table asks for it with a trigger of its own:
--   create trigger keep_<table>_with_person after update of region on employment.person for each row
--     when (old.region <> new.region) execute function employment.keep_with_person('<table>');
create function employment.keep_with_person() returns trigger language plpgsql as $$
begin
  execute format('update employment.%I set region = $1 where person_id = $2 and region <> $1', tg_argv[0]) using new.region, new.id;
  return null;
end $$;
