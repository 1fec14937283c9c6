-- What the clock of M-03 looks through every few seconds: leads nobody has graded yet.
create index risk_lead_ungraded on monitoring.risk_lead (registered_at, id) where severity = 'ungraded' and status in ('registered', 'dispatched');
