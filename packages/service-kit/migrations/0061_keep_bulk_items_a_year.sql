-- What a bulk command did to each thing stands in that thing's own record too; the list of it has a term.
grant delete on kit.bulk_item to {{app}};
create index job_ended on kit.job (finished_at) where state in ('done', 'failed');
