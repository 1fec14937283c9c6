#!/bin/bash
# Run once by the postgres image on an empty volume: the department's two roles in the database the image has just created.
set -euo pipefail
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  -v department="$DEPARTMENT" -v owner_password="$OWNER_PASSWORD" -v app_password="$APP_PASSWORD" <<'SQL'
select set_config('sw.department', :'department', false),
       set_config('sw.owner_password', :'owner_password', false),
       set_config('sw.app_password', :'app_password', false) \g /dev/null
\i /etc/shouwang/department.sql
SQL
