-- M-04b, M-06: help another department gave is a measure like any other, once per record of theirs; who of the household it reached, what it was, and whether it
-- was taken back: it is shown then, and counts for nothing.
alter table monitoring.measure
  add column person_id uuid,
  add column source_kind text,
  add column taken_back_on date;
