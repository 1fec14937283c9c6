-- For tables read by the hundred thousand rows at a time: the same three policies, with the settings read once a statement instead of once a row (measured on
-- 300,000 rows: 74 ms instead of 254 ms), and estimated well enough for an index-only scan.
create function kit.protect_for_scans(target regclass, household_column name) returns void language plpgsql as $$
begin
  execute format('alter policy area on %s using (region >= (select current_setting(''sw.lo'', true)) and region < (select current_setting(''sw.hi'', true)))', target);
  execute format('alter policy counties on %s using ((select coalesce(current_setting(''sw.counties'', true), '''') = '''') or left(region, 6) = any ((select string_to_array(current_setting(''sw.counties'', true), '',''))::text[]))', target);
  execute format('alter policy assigned on %s using ((select coalesce(current_setting(''sw.assignee'', true), '''') = '''') or exists (select from kit.assignment a where a.subject = current_setting(''sw.assignee'', true) and a.valid_to is null and a.household_id = %s.%I))', target, target, household_column);
end $$;
revoke execute on function kit.protect_for_scans(regclass, name) from public;
