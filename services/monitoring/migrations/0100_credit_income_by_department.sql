-- M-05: money other departments paid, as they tell it: who it was paid to and for what, and whether it was taken back. A department's own partition is folded out of
-- that department's events by one reader and can be folded again from the beginning; all of them are read as one table.
drop table monitoring.income_credit;
create table monitoring.income_credit (
  source_department text not null,
  -- The claim's or award's id at the department that paid it: however often it is told, it is one line.
  source_id uuid not null,
  -- What was paid for, as that department calls it ('transport-subsidy'), and the year, month, term or course it was paid for.
  kind text not null,
  period text,
  -- The household on the date that counts, where the money is income; a household that moves takes it along.
  household_id uuid not null,
  region text collate "C" not null,
  person_id uuid,
  line text not null,
  amount_fen bigint not null constraint income_credit_amount check (amount_fen > 0),
  paid_on date not null,
  -- Taken back: it is shown, and counts for nothing from then on.
  clawed_back_on date,
  version bigint not null,
  constraint income_credit_pk primary key (source_department, source_id),
  constraint income_credit_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade
) partition by list (source_department);
create index income_credit_of_household on monitoring.income_credit (household_id, paid_on);
select kit.protect_assigned('monitoring.income_credit', 'household_id');
create table monitoring.income_credit_employment partition of monitoring.income_credit for values in ('employment');
select kit.protect_assigned('monitoring.income_credit_employment', 'household_id');
grant delete on monitoring.income_credit_employment to {{app}};

-- A line of a record that is another department's payment, beside those the household stated.
alter table monitoring.household_income_line
  add column source_department text,
  add column source_id uuid,
  add constraint household_income_line_source check ((source_department is null) = (source_id is null));
create index household_income_line_of_payment on monitoring.household_income_line (household_id) where source_id is not null;
create index household_merged_into on monitoring.household (merged_into) where merged_into is not null;
