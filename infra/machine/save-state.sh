#!/bin/sh
# Saves all that an installation of Pulse cannot make anew, while it runs:  save-state.sh STATE TARGET
#
# TARGET becomes a folder with Pulse's own database, its roles, each tenant's database, and the files of the state
# folder. The database of Pulse is read first: a tenant that is made meanwhile is in the next backup, and of one that is
# deleted meanwhile more is saved than is needed. It holds keys and passwords: 0700, and only as safe as its place.
# PGHOST, PGPORT and PGUSER name a server that is not Pulse's own.
set -eu
umask 077
state=$1
target=$2

export PGHOST="${PGHOST:-$state/postgres/run}" PGUSER="${PGUSER:-pulse}"
if [ -z "${PGPORT:-}" ]; then
  PGPORT=$(sed -n 's/.*"postgresPort": *\([0-9]*\).*/\1/p' "$state/machine.json")
  export PGPORT
fi

# Under another name until it is whole: a half one is never taken for a backup.
draft="$target.draft"
rm -rf "$draft"
mkdir -p "$draft/databases"
pg_dump -Fc --file="$draft/pulse.dump" pulse
pg_dumpall --roles-only > "$draft/roles.sql"
psql -XAtq -F '|' -d pulse -c "
  SELECT datname, datallowconn, datistemplate::text, pg_get_userbyid(datdba) FROM pg_database
   WHERE oid IN (SELECT oid FROM odoo.claim UNION SELECT oid FROM odoo.tombstone)
      OR datname IN (SELECT database FROM odoo.template)" > "$draft/databases.txt"
trap 'psql -Xq -d postgres -c "DROP DATABASE IF EXISTS pulse_save WITH (FORCE)"' EXIT
while IFS='|' read -r name allows is_template owner; do
  if [ "$allows" = t ]; then
    pg_dump -Fc --create --file="$draft/databases/$name.dump" "$name" < /dev/null
    continue
  fi
  # Templates, and those of deleted tenants, let nobody in: a copy is read, which lets in administrators alone.
  psql -Xq -d postgres -v ON_ERROR_STOP=1 -v name="$name" <<'SQL'
DROP DATABASE IF EXISTS pulse_save WITH (FORCE);
CREATE DATABASE pulse_save TEMPLATE :"name" CONNECTION LIMIT 0;
SQL
  pg_dump -Fc --file="$draft/databases/$name.dump" pulse_save < /dev/null
done < "$draft/databases.txt"

# Programs, sockets and logs come by themselves.
tar -C "$state" -czf "$draft/files.tar.gz" --warning=no-file-changed \
  --exclude=./postgres --exclude=./pods --exclude=./forks --exclude=./addons --exclude=./programs \
  --exclude=./stand-in --exclude=./pulse.lock --exclude=./running.json --exclude='./pulse.log*' . || [ $? -eq 1 ]
rm -rf "$target"
mv "$draft" "$target"
