-- What the place a household was offered to sees of it: as it is, not as it was when it was offered. A trigger, so that no change of a household can forget it.
create function monitoring.renew_offer(changed uuid) returns void language sql as $$
  update monitoring.household_move m set summary = now_so.summary, version = m.version + 1
  from (select h.id, jsonb_build_object('head', coalesce(head.name_mask, '*'), 'headcount', h.headcount, 'ableWorkers', h.able_workers,
      'householdKind', h.household_kind, 'monitored', h.monitored_kind is not null and not h.risk_cleared) as summary
    from monitoring.household h
    left join monitoring.person head on head.household_id = h.id and head.relation = 'head' and head.status = 'member'
    where h.id = changed) now_so
  where m.household_id = now_so.id and m.status = 'offered' and m.summary <> now_so.summary;
$$;
create function monitoring.renew_offer_of_household() returns trigger language plpgsql as $$
begin
  perform monitoring.renew_offer(new.id);
  return null;
end $$;
create function monitoring.renew_offer_of_head() returns trigger language plpgsql as $$
begin
  perform monitoring.renew_offer(new.household_id);
  return null;
end $$;
create trigger household_offer after update of headcount, able_workers, household_kind, monitored_kind, risk_cleared on monitoring.household
  for each row when (new.status = 'active' and (old.headcount, old.able_workers, old.household_kind, old.monitored_kind, old.risk_cleared)
    is distinct from (new.headcount, new.able_workers, new.household_kind, new.monitored_kind, new.risk_cleared))
  execute function monitoring.renew_offer_of_household();
create trigger person_offer after update of name_mask, relation, household_id, status on monitoring.person
  for each row when (new.relation = 'head' and new.status = 'member' and (old.name_mask, old.relation, old.household_id, old.status)
    is distinct from (new.name_mask, new.relation, new.household_id, new.status))
  execute function monitoring.renew_offer_of_head();
