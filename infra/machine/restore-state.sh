#!/bin/sh
# Restores the databases that save-state.sh has saved, while PostgreSQL runs and Pulse does not (see
# docs/runbooks/backup.md):  restore-state.sh BACKUP STATE
#
# What has the name of one of them is dropped. Safe to repeat. PGHOST, PGPORT and PGUSER name a server that is not Pulse's own.
set -eu
umask 077
backup=$1
state=$2

export PGHOST="${PGHOST:-$state/postgres/run}" PGUSER="${PGUSER:-pulse}"
if [ -z "${PGPORT:-}" ]; then
  PGPORT=$(sed -n 's/.*"postgresPort": *\([0-9]*\).*/\1/p' "$state/machine.json")
  export PGPORT
fi

# Of a role that is there already nothing is made, and its password becomes that of the backup.
psql -Xq -d postgres -f "$backup/roles.sql" > /dev/null 2>&1 || true
psql -Xq -d postgres -v ON_ERROR_STOP=1 -c 'DROP DATABASE IF EXISTS pulse WITH (FORCE)'
psql -Xq -d postgres -v ON_ERROR_STOP=1 -c "CREATE DATABASE pulse TEMPLATE template0 ENCODING 'UTF8'"
pg_restore --exit-on-error -d pulse "$backup/pulse.dump"
while IFS='|' read -r name allows is_template owner; do
  psql -Xq -d postgres -v ON_ERROR_STOP=1 -v name="$name" <<'SQL'
SELECT format('ALTER DATABASE %I IS_TEMPLATE false', datname) FROM pg_database WHERE datname = :'name'
\gexec
DROP DATABASE IF EXISTS :"name" WITH (FORCE);
SQL
  if [ "$allows" = t ]; then
    pg_restore --exit-on-error --create -d postgres "$backup/databases/$name.dump" < /dev/null
    continue
  fi
  psql -Xq -d postgres -v ON_ERROR_STOP=1 -v name="$name" -v owner="$owner" <<'SQL'
CREATE DATABASE :"name" OWNER :"owner" TEMPLATE template0 CONNECTION LIMIT 0;
SQL
  pg_restore --exit-on-error -d "dbname='$name'" "$backup/databases/$name.dump" < /dev/null
  psql -Xq -d postgres -v ON_ERROR_STOP=1 -v name="$name" -v is_template="$is_template" <<'SQL'
ALTER DATABASE :"name" ALLOW_CONNECTIONS false;
ALTER DATABASE :"name" CONNECTION LIMIT -1;
ALTER DATABASE :"name" IS_TEMPLATE :is_template;
SQL
done < "$backup/databases.txt"

# A database is known by its oid, which is another one here. Standbys were not saved: they are made anew.
psql -Xq -d pulse -v ON_ERROR_STOP=1 <<'SQL'
BEGIN;
DELETE FROM odoo.standby;
UPDATE odoo.claim SET oid = found.oid FROM pg_database AS found WHERE found.datname = claim.database;
UPDATE odoo.tombstone SET oid = found.oid FROM pg_database AS found WHERE found.datname = tombstone.database;
COMMIT;
SQL
