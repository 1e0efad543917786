"""The locks: hashed, without any download address, one inside the other, and psycopg2 alone as the driver."""

import re
import tomllib

import pytest
from django.db import connection

from tests.architecture.source import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.M)


def pins(name):
    return dict(PIN.findall((ROOT / "requirements" / name).read_text()))


def test_there_is_one_lock_for_each_purpose():
    assert [lock.name for lock in LOCKS] == ["dev.txt", "run.txt", "saml.txt", "setup.txt"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_download_address(lock):
    assert re.findall(r"\w+://|--(?:index|extra-index|find-links|trusted)\S*|\s@\s", lock.read_text()) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_has_hashes(lock):
    blocks = re.split(r"\n(?=[a-z0-9])", re.sub(r"^#.*\n", "", lock.read_text(), flags=re.M))
    assert [block.split()[0] for block in blocks if not re.search(r"--hash=sha256:[0-9a-f]{64}", block)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_line_is_a_pin_or_a_hash(lock):
    line = re.compile(r"#.*|[a-z0-9][a-z0-9._-]*==\S+(?: ; .+)? \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?")
    assert [text for text in lock.read_text().splitlines() if not line.fullmatch(text)] == []


@pytest.mark.parametrize(("inner", "outer"), [("run.txt", "saml.txt"), ("saml.txt", "dev.txt")])
def test_each_lock_contains_the_one_before(inner, outer):
    found = pins(outer)
    assert {name: found.get(name) for name in pins(inner)} == pins(inner)


def test_the_extra_locks_what_saml_needs_and_no_more():
    assert set(pins("saml.txt")) - set(pins("run.txt")) == {"isodate", "lxml", "python3-saml", "xmlsec"}


def test_psycopg_3_is_in_no_lock():
    assert [lock.name for lock in LOCKS if re.search(r"^psycopg(-binary|-c|-pool)?==", lock.read_text(), re.M)] == []


@pytest.mark.postgres
def test_django_speaks_through_psycopg2():
    assert connection.Database.__name__ == "psycopg2"


def test_every_direct_dependency_earns_its_place_on_the_page():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = {re.split(r"[<>=]", wanted)[0] for wanted in project["dependencies"]}
    page = (ROOT / "docs/decisions/0001-dependencies.md").read_text()
    assert set(re.findall(r"^\| `([^`]+)`", page, re.M)) == asked
