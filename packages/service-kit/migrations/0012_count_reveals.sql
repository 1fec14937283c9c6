-- How many times somebody has seen personal data in clear on a business day: counted in the reveal's own transaction, so that the limit holds over all instances.
create table kit.reveal_day (
  issuer text not null,
  subject text not null,
  day date not null,
  reveals integer not null constraint reveal_day_count check (reveals > 0),
  constraint reveal_day_pk primary key (issuer, subject, day)
);
create index reveal_day_age on kit.reveal_day (day);
grant select, insert, update, delete on kit.reveal_day to {{app}};
