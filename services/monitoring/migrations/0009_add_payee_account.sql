-- Where a person is paid: number and holder sealed under this row's id, told to funds alone.
alter table monitoring.person add column payee_secret bytea;
alter table monitoring.person add column payee_mask text;
alter table monitoring.person add constraint person_payee_whole check ((payee_secret is null) = (payee_mask is null));
