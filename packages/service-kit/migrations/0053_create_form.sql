-- Forms printed to be signed by hand. The code stands in the form's QR and beneath it, and says nothing of anybody; `facts` is a keyed hash of what was
-- printed, so that paper which no longer says what the registry says is told from paper that does.
create table kit.form (
  id uuid constraint form_pk primary key,
  code text not null constraint form_code unique,
  kind text not null,
  -- Version of the form's wording and layout.
  layout smallint not null,
  entity text not null,
  entity_id text not null,
  household_id uuid,
  region text collate "C" not null,
  facts text not null,
  -- Printed with names and numbers in clear.
  clear boolean not null,
  purpose text not null,
  paper_file uuid not null,
  paper_sha256 text not null,
  printed_by text not null,
  printed_at timestamptz not null,
  state text not null default 'printed' constraint form_state check (state in ('printed', 'signed')),
  signed_on date,
  scan_file uuid,
  -- How its code was read from the scan.
  read_by text constraint form_read_by check (read_by in ('qr', 'hand')),
  returned_by text,
  returned_at timestamptz,
  version bigint not null default 1,
  constraint form_signed check ((state = 'signed') = (signed_on is not null) and num_nonnulls(signed_on, scan_file, read_by, returned_by, returned_at) in (0, 5))
);
create index form_of_household on kit.form (household_id, printed_at);
create index form_of_entity on kit.form (entity, entity_id);
select kit.protect('kit.form');
grant select, insert, update on kit.form to {{app}};
