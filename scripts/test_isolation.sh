#!/bin/sh
# Asks every route as every caller about own, foreign and missing records, and sums up: cells N leaks M. On PostgreSQL
# again with the application's wall taken away, so that row-level security stands alone.
set -u
cd "$(dirname "$0")/.."
python=.venv/bin/python
ISOTRACK_TEST_CELLS=$(mktemp)
export ISOTRACK_TEST_CELLS
trap 'rm -f "$ISOTRACK_TEST_CELLS"' EXIT
status=0

env -u ISOTRACK_DATABASE_URL "$python" -m pytest -n 2 --dist worksteal -m 'not postgres' tests/isolation || status=1
ISOTRACK_DATABASE_URL=$("$python" -m tests.services)
if [ -n "$ISOTRACK_DATABASE_URL" ]; then
    export ISOTRACK_DATABASE_URL
    "$python" -m pytest -n 2 --dist worksteal -m postgres tests/isolation || status=1
fi
awk -F '\t' '
    $1 == "row-level security" { alone += $2; rows += $3; next }
    { cells += $2; leaks += $3 }
    END {
        printf "cells %d leaks %d\n", cells, leaks
        if (alone) printf "row-level security alone: cells %d foreign rows %d\n", alone, rows
        else print "row-level security alone: not run, it needs PostgreSQL"
        exit leaks + rows > 0
    }' "$ISOTRACK_TEST_CELLS" || status=1
exit $status
