-- A document that set something: parameters, base figures, lists, or targets issued to divisions. What it set are rows of kit.parameter.
create table kit.loading (
  id uuid constraint loading_pk primary key,
  region text collate "C" not null,
  document text not null,
  title text,
  issued_by text,
  issued_on date,
  rows integer not null,
  loaded_by text not null,
  loaded_at timestamptz not null,
  withdrawn_by text,
  withdrawn_at timestamptz,
  withdrawn_because text,
  constraint loading_withdrawal check ((withdrawn_at is null) = (withdrawn_because is null))
);
create index loading_newest on kit.loading (loaded_at desc);

alter table kit.parameter add column loading_id uuid constraint parameter_loading references kit.loading;
-- One setting (key, division, first day) keeps its id and counts its versions, whatever document set it last.
alter table kit.parameter add column setting_id uuid;
alter table kit.parameter add column version bigint not null default 1;
update kit.parameter set setting_id = id;
alter table kit.parameter alter column setting_id set not null;
create index parameter_of_loading on kit.parameter (loading_id);
create index parameter_setting on kit.parameter (setting_id, version);

grant select, insert on kit.loading to {{app}};
grant update (withdrawn_by, withdrawn_at, withdrawn_because) on kit.loading to {{app}};
