-- What is open of a household that ceases by a merge goes with its people; what followed is kept with the merge, so that undoing it takes it back.
alter table monitoring.household_merge add column followed jsonb not null default '{"referrals": [], "suspects": [], "guaranteeProblems": []}';
alter table monitoring.referral
  drop constraint referral_closed_known,
  add constraint referral_closed_known check (closed_because in ('arrived', 'declined', 'withdrawn', 'household-closed', 'household-merged'));
-- What is open of a household that ends, ends with it, and says so.
alter table monitoring.suspect
  drop constraint suspect_outcome_known,
  add constraint suspect_outcome_known check (outcome in ('true-and-mended', 'true-as-recorded', 'not-true', 'household-ended'));
alter table monitoring.appeal
  add column lapsed_on date,
  drop constraint appeal_status,
  add constraint appeal_status check (status in ('filed', 'upheld', 'overturned', 'withdrawn', 'lapsed')),
  add constraint appeal_lapsed check ((status = 'lapsed') = (lapsed_on is not null));
