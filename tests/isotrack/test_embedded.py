"""The one process: pages, worker and scheduler start together, work, and end together; what prevents it is one line."""

import http.client
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from argparse import ArgumentTypeError
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from isotrack import preflight
from isotrack.management.commands.serve import port_number
from tests.architecture.source import ROOT

# Real processes: seconds on an idle machine, but a busy one may take its time.
pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]


def environment(directory, **more):
    """The environment of a process with a directory of its own and nothing of this machine's configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ISOTRACK_", "DJANGO_"))}
    return kept | {"ISOTRACK_ENV_FILE": os.devnull, "ISOTRACK_VAR_DIR": str(directory), "ISOTRACK_DEBUG": "1"} | more


def manage(directory, *arguments, **more):
    """A management command that has ended."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment(directory, **more), capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A directory with an empty database of this version."""
    directory = tmp_path_factory.mktemp("var")
    assert manage(directory, "migrate", "-v0").returncode == 0
    return directory


@pytest.fixture
def port():
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def serving(directory, port, **more):
    """The process, in a group of its own as a terminal would have it; ended by force if the test did not."""
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    with (directory / "output").open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(directory, **more),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def eventually(ask, seconds=150.0):
    """The first true answer within that time, or the last one."""
    end = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer


def output(directory):
    return (directory / "output").read_text()


def status(port, path):
    """The HTTP status, none while nothing answers."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None


def finished_sweeps(directory):
    with closing(sqlite3.connect(directory / "isotrack.sqlite3")) as database:
        return database.execute("SELECT count(*) FROM records_sweeprun WHERE finished_at IS NOT NULL").fetchone()[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "TERM"])
def test_pages_are_answered_a_sweep_runs_and_everything_ends_cleanly(migrated, port, number):
    before = finished_sweeps(migrated)
    with serving(migrated, port) as process:
        assert eventually(lambda: "isotrack is ready" in output(migrated))
        assert f"isotrack is ready at http://localhost:{port} " in output(migrated)
        assert status(port, "/sign-in/") == 200
        assert eventually(lambda: finished_sweeps(migrated) > before)
        begin = time.monotonic()
        os.killpg(process.pid, number)
        assert process.wait(60) == 0
        assert time.monotonic() - begin < 5
    assert "Traceback" not in output(migrated)
    assert status(port, "/sign-in/") is None


def test_a_job_that_does_not_end_does_not_keep_the_process(migrated, port):
    with closing(sqlite3.connect(migrated / "isotrack.sqlite3")) as other, serving(migrated, port) as process:
        other.execute("BEGIN IMMEDIATE")  # the sweep waits for us, up to twenty seconds
        assert eventually(lambda: "isotrack is ready" in output(migrated))
        assert eventually(lambda: "Task records.sweep" in output(migrated))
        begin = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
        assert time.monotonic() - begin < 18  # the job would have waited twenty
    assert "a job was still running; it is taken up again at the next start" in output(migrated)


def test_a_web_worker_leaves_ctrl_c_to_its_parent_and_a_killed_process_leaves_a_sound_database(migrated, port):
    with serving(migrated, port) as process:
        assert eventually(lambda: "isotrack is ready" in output(migrated))
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        (child,) = children.read_text().split()
        os.kill(int(child), signal.SIGINT)
        time.sleep(0.5)
        assert status(port, "/sign-in/") == 200
        assert children.read_text().split() == [child]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    before = finished_sweeps(migrated)
    with serving(migrated, port, ISOTRACK_SWEEP_PERIOD_SECONDS="1"):
        assert eventually(lambda: finished_sweeps(migrated) >= before + 3)


def test_a_key_is_made_once_and_kept_to_its_owner(tmp_path):
    file = tmp_path / "secret-key"
    preflight.keep_secret_key(file)
    key = file.read_text()
    preflight.keep_secret_key(file)
    assert (file.read_text(), len(key) > 50, file.stat().st_mode & 0o777) == (key, True, 0o600)


def test_a_demonstration_that_was_interrupted_is_made_anew(tmp_path, port):
    with serving(tmp_path, port, ISOTRACK_DEMO="1", ISOTRACK_LOG_LEVEL="WARNING") as process:
        assert eventually(lambda: "isotrack: making the demonstration" in output(tmp_path))
        assert eventually(lambda: (tmp_path / "isotrack.sqlite3-wal").exists())
        time.sleep(3)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(90) == 1
    assert output(tmp_path).splitlines()[-1] == ("isotrack: stopped before it was ready; nothing half-made was kept")
    with serving(tmp_path, port, ISOTRACK_DEMO="1", ISOTRACK_LOG_LEVEL="WARNING"):
        assert eventually(lambda: "marta@halden.example" in output(tmp_path))
    lines = output(tmp_path).splitlines()
    ready = lines.index(f"isotrack is ready at http://localhost:{port} (Ctrl-C ends it)")
    assert lines[ready + 1].startswith("Halden Group: sign in with one of these addresses and the password ")
    with closing(sqlite3.connect(tmp_path / "isotrack.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM certifications_certificate").fetchone() == (14,)


def refused(directory, port="0", **more):
    """The one line with which a start is refused."""
    result = manage(directory, "serve", "--port", str(port), **more)
    assert (result.returncode, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1
    return result.stderr.strip()


def test_a_busy_port_is_one_line(migrated):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        port = listener.getsockname()[1]
        assert refused(migrated, port) == (
            f"isotrack: cannot listen on 127.0.0.1:{port} (Address already in use); "
            "choose another port, e.g. PORT=8123 make demo"
        )


def test_a_directory_that_cannot_be_written_is_one_line(tmp_path, port):
    (tmp_path / "file").write_text("")
    directory = tmp_path / "file" / "var"
    assert refused(directory, port) == (
        f"isotrack: cannot write to {directory} (Not a directory); "
        "give yourself the right to write there, or name another directory with ISOTRACK_VAR_DIR"
    )


def test_a_broken_database_is_one_line(tmp_path, port):
    (tmp_path / "isotrack.sqlite3").write_text("this is no database, " * 100)
    assert refused(tmp_path, port) == (
        "isotrack: the database cannot be used (file is not a database); "
        f"if its content does not matter, move {tmp_path}/isotrack.sqlite3 away and start again"
    )


def test_a_database_server_that_is_not_there_is_one_line(tmp_path, port):
    line = refused(tmp_path, port, ISOTRACK_DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert line.startswith("isotrack: the database cannot be used (connection to server at ")
    assert line.endswith("; check ISOTRACK_DATABASE_URL")


def test_an_older_database_is_one_line(tmp_path, port):
    assert refused(tmp_path, port) == (
        "isotrack: the database is older than this version of isotrack; run: python manage.py migrate"
    )


def test_a_newer_database_is_one_line(migrated, tmp_path, port):
    shutil.copy(migrated / "isotrack.sqlite3", tmp_path)
    with closing(sqlite3.connect(tmp_path / "isotrack.sqlite3")) as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('records', '9999_new', '2030-01-01')"
        )
        database.commit()
    assert refused(tmp_path, port) == (
        "isotrack: the database is newer than this version of isotrack (it knows records.9999_new); "
        "update isotrack first"
    )


def test_static_files_that_were_not_collected_are_one_line(migrated, port):
    assert refused(migrated, port, ISOTRACK_DEBUG="0") == (
        "isotrack: the static files are not collected; run: python manage.py collectstatic --no-input"
    )


def test_a_port_that_is_none_is_refused_in_words(tmp_path):
    result = manage(tmp_path, "serve", "--port=http")
    assert result.returncode == 2
    assert "'http' is no port; a port is a number from 1 to 65535" in result.stderr


@pytest.mark.parametrize("text", ["0", "65536", "-1", "", "8000.5", "١"])
def test_numbers_that_are_no_port(text):
    with pytest.raises(ArgumentTypeError, match="is no port"):
        port_number(text)


@pytest.mark.parametrize("number", [1, 8000, 65535])
def test_numbers_that_are_a_port(number):
    assert port_number(str(number)) == number


def test_gunicorn_alone_refuses_the_development_key(tmp_path):
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    settings = environment(tmp_path, ISOTRACK_DEBUG="0")
    result = subprocess.run(
        [gunicorn, "isotrack.wsgi"], cwd=ROOT, env=settings, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 1
    assert result.stderr.strip().splitlines()[-1] == (
        "isotrack: set ISOTRACK_SECRET_KEY, or start with `manage.py serve`, which keeps a key of its own"
    )
