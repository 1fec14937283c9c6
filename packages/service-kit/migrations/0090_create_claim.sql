-- What a department asked funds to pay, and what became of it. The id is the payment's, and is kept when it is sent again.
create table kit.payment_request (
  id uuid constraint payment_request_pk primary key,
  -- Entity of the claim, `transport-subsidy`, and its id.
  claim text not null,
  claim_id uuid not null,
  purpose text not null,
  period_key text not null,
  person_id uuid,
  household_id uuid,
  organisation_id uuid,
  project_id uuid,
  region text collate "C" not null,
  amount_fen bigint not null constraint payment_request_amount check (amount_fen > 0),
  source_kinds text[] not null constraint payment_request_sources check (cardinality(source_kinds) > 0),
  submitter text not null,
  approver text not null constraint payment_request_two_people check (approver <> submitter),
  attempt integer not null default 1,
  asked text not null default 'requested'
    constraint payment_request_asked_known check (asked in ('requested', 'withdrawn', 'clawback-requested')),
  -- Of the events that ask; what funds says counts its own.
  version bigint not null default 1,
  outcome text constraint payment_request_outcome_known check (outcome in ('accepted', 'refused', 'paid', 'returned', 'withdrawn', 'clawed-back')),
  because text,
  source text,
  paid_on date,
  outcome_version bigint not null default 0,
  requested_at timestamptz not null,
  constraint payment_request_one_a_claim unique (claim, claim_id)
);
create index payment_request_area on kit.payment_request (region, id);
select kit.protect_assigned('kit.payment_request', 'household_id');
grant select, insert, update on kit.payment_request to {{app}};

-- A claim of money on its way through the offices. It stands in the village of registration on the date that counts and stays there when the person moves:
-- that county pays. What it rests on (`facts`) and what the rule said of it (`assessment`) are ids, codes, amounts and dates; what people write is a note.
create table kit.claim (
  id uuid constraint claim_pk primary key,
  kind text not null,
  purpose text not null,
  period_key text not null,
  -- Whose payment it is by its purpose: a person, a household or a thing.
  subject_id uuid not null,
  person_id uuid,
  household_id uuid,
  region text collate "C" not null,
  counts_on date not null,
  made_on date not null,
  facts jsonb not null,
  assessment jsonb not null,
  amount_fen bigint constraint claim_amount check (amount_fen > 0),
  status text not null constraint claim_status_known check (status in ('draft', 'village-checked', 'posted', 'cleared', 'township-checked', 'awaiting-funds',
    'accepted', 'payment-refused', 'payment-returned', 'paid', 'withdrawing', 'clawback-due', 'clawed-back', 'rejected', 'void')),
  because text,
  waits_since timestamptz not null,
  due_at timestamptz,
  submitter text not null,
  approver text,
  approved_on date,
  rejected_on date,
  posting_id uuid,
  payment_id uuid,
  -- Claim keys it holds in the whole region, to be given back when it ends.
  keys jsonb not null default '[]',
  paid_on date,
  -- Versions told in events, apart from those of the row.
  told bigint not null default 0,
  version bigint not null default 1,
  constraint claim_approved check ((payment_id is null) = (approver is null) and (payment_id is null) = (approved_on is null)),
  constraint claim_asked check (payment_id is not null or status in ('draft', 'village-checked', 'posted', 'cleared', 'township-checked', 'rejected', 'void')),
  constraint claim_amount_asked check (payment_id is null or amount_fen is not null),
  constraint claim_paid check (status not in ('paid', 'clawback-due', 'clawed-back') or paid_on is not null),
  constraint claim_two_people check (approver <> submitter)
);
-- One open claim of a kind, subject and period in a county; that only one in the region is paid, the claim keys see to at its approval.
create unique index claim_one_open on kit.claim (kind, subject_id, period_key, left(region, 6))
  where status not in ('rejected', 'void', 'clawed-back');
-- What waits for whom: the steps before the money, by area.
create index claim_waiting on kit.claim (kind, status, region, id) where status not in ('paid', 'rejected', 'void', 'clawed-back');
create index claim_area on kit.claim (kind, region, id);
create index claim_period on kit.claim (kind, period_key, region, id);
create index claim_subject on kit.claim (subject_id, kind, period_key);
create index claim_person on kit.claim (person_id) where person_id is not null;
select kit.protect_assigned('kit.claim', 'household_id');
grant select, insert, update on kit.claim to {{app}};

-- What somebody wrote to a step of a claim: why it goes back, why it is rejected, why it was granted by decision. Sealed: people write names into it.
create table kit.claim_note (
  id uuid constraint claim_note_pk primary key,
  claim_id uuid not null constraint claim_note_claim references kit.claim,
  household_id uuid,
  region text collate "C" not null,
  step text not null,
  content bytea not null,
  written_by text not null,
  at timestamptz not null
);
create index claim_note_claim_at on kit.claim_note (claim_id, id);
select kit.protect_assigned('kit.claim_note', 'household_id');
grant select, insert, delete on kit.claim_note to {{app}};
grant update (content) on kit.claim_note to {{app}};
