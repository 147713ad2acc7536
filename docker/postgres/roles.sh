#!/bin/bash
# Runs once, when the database volume is empty: the owner that migrates, the role that runs the product, the extensions.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v owner="$LASTMILE_OWNER_PASSWORD" -v app="$LASTMILE_APP_PASSWORD" \
    --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE lastmile_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner';
CREATE ROLE lastmile_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app';
CREATE DATABASE lastmile OWNER lastmile_owner ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
\connect lastmile
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS unaccent;
SQL
