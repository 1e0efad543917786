"""Web, two workers and the scheduler as real processes: the clock suspends a certificate, and its mail arrives."""

import signal

import pytest

from tests.faults.processes import eventually, installation

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.timeout(400)]
SUSPENSIONS = "SELECT effective_on, count(*) FROM records_event WHERE kind LIKE '%suspended%' GROUP BY 1"
PROCESSES = ("web", "first", "second", "beat")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """All four processes, ready to work."""
    with installation(tmp_path_factory.mktemp("installation")) as started:
        days = int(started.manage("shell", "-v0", "-c", "from tests.faults.one_certificate import make; make()"))
        started.start_web()
        started.start_worker("first")
        started.start_worker("second")
        started.start_beat()
        assert eventually(lambda: started.status("/sign-in/") == 200)
        assert eventually(lambda: all(" ready." in started.log(name) for name in ("first", "second")))
        yield started, days


def finished(started):
    return started.rows("SELECT count(*) FROM records_sweeprun WHERE finished_at IS NOT NULL")[0][0]


def status(started):
    return started.rows("SELECT status FROM certifications_certificate")[0][0]


def mails_about_suspension(started):
    return [mail for mail in started.mailbox.received if mail["Subject"].startswith("Suspended since ")]


def test_a_certificate_is_suspended_by_the_clock_and_its_mail_received_once(running):
    started, days = running
    assert days > 1
    started.move_clock(days - 1)
    sweeps = finished(started)
    assert eventually(lambda: finished(started) > sweeps + 1)
    assert (status(started), started.rows(SUSPENSIONS)) == ("active", [])

    started.move_clock(days)
    assert eventually(lambda: status(started) == "suspended")
    assert eventually(lambda: mails_about_suspension(started))
    sweeps = finished(started)
    assert eventually(lambda: finished(started) > sweeps + 2)
    assert [count for _, count in started.rows(SUSPENSIONS)] == [1]
    (mail,) = mails_about_suspension(started)
    assert [address.addr_spec for address in mail["To"].addresses] == ["marta@halden.example"]
    assert mail["Subject"].endswith(": ISO 9001. NC-0142 was not resolved in time")


def test_every_process_ends_cleanly_on_term(running):
    started, _ = running
    codes = {name: started.stop(name, signal.SIGTERM) for name in PROCESSES}
    assert codes == dict.fromkeys(PROCESSES, 0)
    assert [name for name in PROCESSES if "Traceback" in started.log(name)] == []
