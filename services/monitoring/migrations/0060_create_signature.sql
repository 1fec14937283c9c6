-- A household's word is on a form that was signed and scanned, or is a record of who signed, when and how; never a tick alone.
alter table monitoring.household_income
  add column signer_id uuid,
  add column signed_on date,
  add column signed_how text constraint household_income_signed_how check (signed_how in ('signature', 'thumbprint', 'on-screen', 'by-proxy')),
  add constraint household_income_signer check (num_nonnulls(signer_id, signed_on, signed_how) in (0, 3));
alter table monitoring.annual_update_confirmation
  add column signer_id uuid,
  add column signed_on date,
  add column signed_how text constraint annual_update_confirmation_signed_how check (signed_how in ('signature', 'thumbprint', 'on-screen', 'by-proxy')),
  drop constraint annual_update_confirmation_signed,
  add constraint annual_update_confirmation_signer check (num_nonnulls(signer_id, signed_on, signed_how) in (0, 3)),
  add constraint annual_update_confirmation_signed check (num_nonnulls(signature_file, signature_form, signed_on) > 0);

-- A form about a household follows it when it moves.
alter table kit.form
  add constraint form_household foreign key (household_id, region) references monitoring.household (id, region) on update cascade;
