#!/bin/sh
# Everything that can be known without running a test. Stops at the first thing that is wrong and says which.
set -eu
cd "$(dirname "$0")/.."
export ISOTRACK_ENV_FILE=/dev/null
packages=$(printf '%s\n' */__init__.py | sed 's,/__init__.py,,' | grep -v '^tests$')

step() {
    name=$1
    shift
    printf '== %s\n' "$name"
    "$@" || { printf 'isotrack: %s: failed: %s\n' "$name" "$*" >&2; exit 1; }
}

bin=.venv/bin
manage="$bin/python manage.py"
step 'shell scripts' sh -n scripts/setup.sh scripts/lock.sh scripts/test.sh scripts/lint.sh
step 'style' $bin/ruff check .
step 'format' $bin/ruff format --check .
step 'types' $bin/mypy $packages manage.py gunicorn.conf.py scripts
step 'templates' $bin/djlint templates --lint --quiet
step 'configuration' $manage check --fail-level WARNING
step 'migrations' $manage makemigrations --check --dry-run
step 'API description' $manage spectacular --validate --fail-on-warn --file /dev/null
step 'compose file' $bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
