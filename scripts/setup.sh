#!/bin/sh
# Makes .venv and installs a hashed lock into it: scripts/setup.sh run|saml|dev
# Does nothing when the lock has not changed since the last time. PYTHON names another interpreter.
set -eu
cd "$(dirname "$0")/.."
purpose=${1:-run}
lock=requirements/$purpose.txt
stamp=.venv/installed-$purpose

note() { printf 'isotrack: %s\n' "$*"; }
fail() { printf 'isotrack: %s\n' "$*" >&2; exit 1; }

# Installs Debian packages as root or through sudo without a password; otherwise says so and fails.
install_packages() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then admin=env
    elif sudo -n true 2>/dev/null; then admin='sudo -n env'
    else return 1
    fi
    note "installing $*"
    $admin apt-get -qq update </dev/null >/dev/null 2>&1 || true
    $admin DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" </dev/null >/dev/null 2>&1
}

suitable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in "${PYTHON:-python3}" python3.11 python3.12 python3.13; do
        if suitable "$candidate"; then printf '%s' "$candidate"; return; fi
    done
    fail "Python 3.11 or newer is needed; on Debian 12: sudo apt-get install python3 python3-venv"
}

make_environment() {
    if suitable .venv/bin/python; then return; fi
    python=$(find_python)
    touch .write-test 2>/dev/null || fail "cannot write to $(pwd); give yourself the right to, or clone somewhere else"
    rm -rf .write-test .venv
    if "$python" -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv python3-pip; then
        "$python" -m venv .venv
    elif command -v uv >/dev/null; then
        uv venv -q --python "$python" .venv
    else
        fail "python3-venv is missing; run: sudo apt-get install python3-venv python3-pip"
    fi
}

uv_command() {
    if command -v uv; then return; fi
    [ -x .venv/bin/uv ] || with_pip requirements/setup.txt >/dev/null 2>&1 || true
    if [ -x .venv/bin/uv ]; then echo .venv/bin/uv; fi
}

with_pip() {
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$1"
}

# Four times as fast as pip. What it has to say when it fails, pip says again.
with_uv() {
    uv=$(uv_command)
    [ -n "$uv" ] && UV_SYSTEM_CERTS=1 "$uv" pip install -q --python .venv/bin/python --require-hashes \
        --compile-bytecode -r "$1" 2>/dev/null
}

install_lock() {
    digest=$(sha256sum "$lock" | cut -d' ' -f1)
    if [ "$(cat "$stamp" 2>/dev/null)" = "$digest" ]; then return; fi
    note "installing packages from $lock"
    with_uv "$lock" || with_pip "$lock" || fail "the packages of $lock could not be installed; is the package index reachable?"
    echo "$digest" >"$stamp"
    # The development lock contains the other one, see tests/architecture/test_locks.py.
    if [ "$purpose" = dev ]; then sha256sum requirements/run.txt | cut -d' ' -f1 >.venv/installed-run; fi
}

# PDF needs the Pango libraries; everything else works without them.
pango_found() {
    .venv/bin/python - <<'PYTHON' 2>/dev/null
from ctypes import CDLL
for library in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"):
    CDLL(library)
PYTHON
}

install_pango() {
    set -- libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core
    if pango_found || install_packages "$@"; then return; fi
    note "PDF files need Pango; to have them, run: sudo apt-get install $*"
}

make_environment
install_lock
install_pango
