-- Lists of departments, lists of households and sheets of the national system kept the same things in three ways; all three are received by the kit now.
-- Who may move rows is the tables' owner, whom the areas bind as well while they are forced.
alter table monitoring.feed no force row level security;
alter table monitoring.feed_refusal no force row level security;
alter table monitoring.household_import no force row level security;
alter table monitoring.household_import_refusal no force row level security;
alter table monitoring.national_sheet no force row level security;
alter table monitoring.national_refusal no force row level security;
alter table kit.received_list no force row level security;
alter table kit.refused_row no force row level security;

insert into kit.received_list (id, intake, kind, region, department, document, data_date, dry_run, file_id, job_id, received_by, at)
select id, 'feed', kind, region, department, document, data_date, false, file_id, job_id, uploaded_by, at from monitoring.feed
union all select id, 'household-import', 'household-members', region, 'county', document, data_date, dry_run, file_id, job_id, uploaded_by, at from monitoring.household_import
union all select id, 'national-sheet', kind, region, 'county', document, data_date, dry_run, file_id, job_id, uploaded_by, at from monitoring.national_sheet;
insert into kit.refused_row (list_id, line, region, reasons)
select feed_id, line, region, reasons from monitoring.feed_refusal
union all select import_id, line, region, reasons from monitoring.household_import_refusal
union all select sheet_id, line, region, reasons from monitoring.national_refusal;
update kit.job set input = jsonb_build_object('listId', coalesce(input->'feedId', input->'importId', input->'sheetId'))
where kind in ('department-feed', 'household-import', 'national-sheet') and state in ('queued', 'running');

alter table kit.received_list force row level security;
alter table kit.refused_row force row level security;

drop table monitoring.feed_refusal, monitoring.household_import_refusal, monitoring.national_refusal, monitoring.household_import;
alter table monitoring.feed_row drop constraint feed_row_feed, add constraint feed_row_feed foreign key (feed_id) references kit.received_list;
alter table monitoring.department_record drop constraint department_record_feed, add constraint department_record_feed foreign key (feed_id) references kit.received_list;
alter table monitoring.feed_match drop constraint feed_match_feed, add constraint feed_match_feed foreign key (feed_id) references kit.received_list;
alter table monitoring.national_row drop constraint national_row_sheet, add constraint national_row_sheet foreign key (sheet_id) references kit.received_list;
alter table monitoring.national_difference drop constraint national_difference_sheet, add constraint national_difference_sheet foreign key (sheet_id) references kit.received_list;
drop table monitoring.feed, monitoring.national_sheet;
