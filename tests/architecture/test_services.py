"""A missing service is counted with a remedy; a required one ends the run."""

import os
import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

pytestmark = pytest.mark.long

TESTS = """
import pytest

@pytest.mark.redis
def test_one(): pass

@pytest.mark.redis
def test_two(): pass

@pytest.mark.postgres
def test_three(): pass

@pytest.mark.browser
def test_four(): pass

def test_five(): pass
"""
INI = "[pytest]\nmarkers =\n    redis: x\n    postgres: x\n    browser: x\n"
NOWHERE = {
    "ISOTRACK_DATABASE_URL": "postgres://postgres@127.0.0.1:1/nothing",
    "ISOTRACK_TEST_DATABASE_URL": "postgres://postgres@127.0.0.1:1/nothing",
    "ISOTRACK_TEST_REDIS_URL": "redis://127.0.0.1:1/0",
    "ISOTRACK_TEST_CHROMIUM": "/nowhere/chromium",
}


@pytest.fixture
def run(tmp_path):
    """Runs the five tests above where no service is found."""
    (tmp_path / "test_sample.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text(INI)
    arguments = ["-c", str(tmp_path / "pytest.ini"), "-p", "tests.services", "-p", "no:django", str(tmp_path)]

    def run(**more):
        environment = os.environ | {"ISOTRACK_REQUIRE": ""} | NOWHERE | more
        command = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)

    return run


def test_what_was_not_run_is_counted_with_a_remedy(run):
    result = run()
    lines = [line for line in result.stdout.splitlines() if line.startswith("not run:")]
    assert lines == [
        "not run: 1 test that needs PostgreSQL; start PostgreSQL on 127.0.0.1:5432 "
        "(or name one in ISOTRACK_TEST_DATABASE_URL), then: make test-rest",
        "not run: 2 tests that need Redis; start Redis on 127.0.0.1:6379 "
        "(or name one in ISOTRACK_TEST_REDIS_URL), then: make test-rest",
        "not run: 1 test that needs a browser; sudo apt-get install chromium "
        "(or name one in ISOTRACK_TEST_CHROMIUM), then: make test-rest",
    ]
    assert result.returncode == 0
    assert "1 passed, 4 skipped" in result.stdout


@pytest.mark.parametrize(("marker", "name"), [("postgres", "PostgreSQL"), ("redis", "Redis"), ("browser", "a browser")])
def test_a_required_service_may_not_be_missing(run, marker, name):
    result = run(ISOTRACK_REQUIRE=marker)
    assert result.returncode == 4
    assert f"{name} is required and was not found" in result.stdout + result.stderr
