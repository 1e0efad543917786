#!/bin/sh
# Runs every test this machine can run: the plain ones on SQLite, then those that need PostgreSQL, Redis or a browser.
# What was not run is said with a number and a remedy. ISOTRACK_REQUIRE=postgres,redis,browser makes it a failure.
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python

echo "== tests on SQLite"
env -u ISOTRACK_DATABASE_URL "$python" -m pytest -n 2 -m 'not postgres and not redis and not browser and not matrix'

echo "== tests with PostgreSQL, Redis and a browser"
ISOTRACK_DATABASE_URL=$("$python" -m tests.services)
export ISOTRACK_DATABASE_URL
[ -n "$ISOTRACK_DATABASE_URL" ] || unset ISOTRACK_DATABASE_URL
"$python" -m pytest -n 2 --dist loadfile -m '(postgres or redis or browser) and not matrix'
