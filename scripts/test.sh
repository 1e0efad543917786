#!/bin/sh
# Runs the tests: "quick" needs no more than Python and takes minutes, "rest" is everything else: the long ones and those
# that need PostgreSQL, Redis or a browser. What this machine lacks is said with a number and a remedy;
# ISOTRACK_REQUIRE=postgres,redis,browser makes it a failure. What starts servers of its own is in make test-faults.
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python
unset PYTHONDONTWRITEBYTECODE # or each process of the tests compiles everything anew

case ${1:-quick} in
quick)
    echo "== tests on SQLite"
    env -u ISOTRACK_DATABASE_URL "$python" -m pytest -n 2 -m 'not long and not postgres and not redis and not browser and not matrix'
    echo "not run: the long tests, and those that need PostgreSQL, Redis or a browser; for them: make test-rest"
    ;;
rest)
    echo "== long tests on SQLite"
    env -u ISOTRACK_DATABASE_URL "$python" -m pytest -n 2 -m 'long and not postgres and not redis and not browser and not matrix and not servers'
    echo "== tests with PostgreSQL, Redis and a browser"
    ISOTRACK_DATABASE_URL=$("$python" -m tests.services)
    export ISOTRACK_DATABASE_URL
    [ -n "$ISOTRACK_DATABASE_URL" ] || unset ISOTRACK_DATABASE_URL
    "$python" -m pytest -n 2 --dist loadfile -m '(postgres or redis or browser) and not matrix'
    ;;
*)
    echo "usage: scripts/test.sh [quick|rest]" >&2
    exit 2
    ;;
esac
