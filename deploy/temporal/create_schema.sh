#!/bin/sh
# Makes Temporal's databases and brings their tables up to date; harmless where they are. The tool reads where and who
# from the variables SQL_*.
set -eu

for schema in temporal visibility; do
  case $schema in
    temporal) export SQL_DATABASE=temporal ;;
    visibility) export SQL_DATABASE=temporal_visibility ;;
  esac
  temporal-sql-tool create-database
  temporal-sql-tool setup-schema --version 0.0
  temporal-sql-tool update-schema --schema-name "postgresql/v12/$schema"
done
