-- One department's two roles in its own database: the owner runs migrations, the app serves requests and owns nothing.
-- Run by a superuser connected to that database, with sw.department, sw.owner_password and sw.app_password set in the session.
do $$
declare
  owner text := current_setting('sw.department') || '_owner';
  app text := current_setting('sw.department') || '_app';
begin
  -- Roles belong to the whole cluster and two databases may be prepared at once.
  perform pg_advisory_xact_lock(hashtext('sw.roles'));
  if not exists (select from pg_roles where rolname = owner) then
    execute format('create role %I login nosuperuser nobypassrls nocreatedb nocreaterole', owner);
  end if;
  if not exists (select from pg_roles where rolname = app) then
    execute format('create role %I login nosuperuser nobypassrls nocreatedb nocreaterole', app);
  end if;
  execute format('alter role %I password %L', owner, current_setting('sw.owner_password'));
  execute format('alter role %I password %L', app, current_setting('sw.app_password'));
  execute format('alter database %I owner to %I', current_database(), owner);
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to %I', current_database(), app);
  revoke all on schema public from public;
end
$$;
