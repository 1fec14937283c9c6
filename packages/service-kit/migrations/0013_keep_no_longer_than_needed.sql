-- Terms after which the kit forgets: when a dead letter was settled, and the rights to take away what is past its term.
alter table kit.dead_letter add column settled_at timestamptz;
update kit.dead_letter set settled_at = clock_timestamp() where state in ('replayed', 'skipped');
create index dead_letter_settled on kit.dead_letter (settled_at) where state in ('replayed', 'skipped');
create index file_expiry on kit.file (expires_on) where expires_on is not null;
grant delete on kit.job_chunk to {{app}};
grant update (totals) on kit.job_chunk to {{app}};
