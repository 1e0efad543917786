#!/bin/sh
# Writes the hashed locks from pyproject.toml: scripts/lock.sh [--upgrade]
# They name no address, so any package index or mirror can serve them.
set -eu
cd "$(dirname "$0")/.."
upgrade=${1:-}
[ -x .venv/bin/uv ] || .venv/bin/python -m pip install -q --require-hashes -r requirements/setup.txt

compile() {
    .venv/bin/uv pip compile -q --custom-compile-command 'make lock' --generate-hashes --no-emit-index-url \
        --no-annotate --universal --python-version 3.11 $upgrade "$@"
}

compile pyproject.toml -o requirements/run.txt
compile pyproject.toml -c requirements/run.txt --extra saml -o requirements/saml.txt
compile pyproject.toml -c requirements/saml.txt --extra saml --group dev --group bench -o requirements/dev.txt
compile --group setup -o requirements/setup.txt
