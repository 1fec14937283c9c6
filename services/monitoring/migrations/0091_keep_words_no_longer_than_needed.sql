-- A lead that was turned away says something of a household that did not hold: after its term the words and the facts behind it go, the lead itself stays counted.
alter table monitoring.risk_lead add column forgotten_on date;
create index risk_lead_to_forget on monitoring.risk_lead (verified_at) where status = 'rejected' and forgotten_on is null;
-- What a list said of somebody who may have been another; what was confirmed stands with its record.
create index feed_match_to_forget on monitoring.feed_match (decided_at) where secret is not null and decided_at is not null;
