"""Health: for machines that watch the process, for people who trust the dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import redis
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import clock, tenancy
from accounts.models import Organization, User
from certifications.models import Certificate
from isotrack.health import banner
from records.models import SweepRun
from tests.alerts.smtp import free_port
from tests.pages import text_of
from tests.records.rows import fates

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def ran(minutes_ago: float, finished: bool = True, started_by: str = "scheduler", **values: object) -> SweepRun:
    """A run that started (and ended) so many minutes before now."""
    moment = NOW - timedelta(minutes=minutes_ago)
    return SweepRun.objects.create(
        started_at=moment, finished_at=moment if finished else None, on=NOW.date(), started_by=started_by, **values
    )


def text(organization: Organization | None) -> str:
    """What every page says at noon."""
    with clock.at(NOW), tenancy.across_organizations():
        found = banner(organization)
    return found.text if found else ""


STALE = "Deadlines were last checked on 10 Mar 2026, 11:49 UTC; dates and statuses may be out of date."


def test_the_process_answers_without_a_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_ready_with_a_database_and_its_tables(client: Client, db: None) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "migrations": "ok", "broker": "in this process"}
    assert "no-cache" in response["Cache-Control"]


def test_not_ready_when_a_migration_is_missing(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE id = (SELECT MAX(id) FROM django_migrations)")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["migrations"]) == (503, "failed: 1 to run")


def test_not_ready_when_the_broker_does_not_answer(client: Client, db: None, settings: object) -> None:
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"  # type: ignore[attr-defined]
    response = client.get("/readyz")
    assert (response.status_code, response.json()["broker"]) == (503, "failed: ConnectionError")


def test_people_are_told_of_a_queue_that_takes_no_work(client: Client, officer: User, settings: object) -> None:
    client.force_login(officer)
    assert "Takes no work" not in client.get("/health/").content.decode()
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"  # type: ignore[attr-defined]
    page = client.get("/health/").content.decode()
    assert "Takes no work" in page
    assert "what people do is saved" in page


@pytest.mark.redis
def test_ready_with_a_broker(client: Client, db: None, settings: object, redis_url: str) -> None:
    settings.CELERY_BROKER_URL = redis_url  # type: ignore[attr-defined]
    assert redis.Redis.from_url(redis_url).ping()
    assert client.get("/readyz").json()["broker"] == "ok"


def test_an_installation_without_any_run_says_so(organization: Organization) -> None:
    assert text(organization).startswith("Deadlines have never been checked")
    assert text(None) == ""


@pytest.mark.parametrize(("minutes", "said"), [(9, ""), (10, ""), (11, STALE)])
def test_two_periods_without_a_finished_run_are_said_on_every_page(
    organization: Organization, minutes: int, said: str
) -> None:
    ran(minutes)
    assert text(organization) == said


def test_a_run_that_did_not_finish_is_none(organization: Organization) -> None:
    ran(11)
    ran(1, finished=False, error="ClockJumped: two days")
    assert text(organization) == STALE


def test_a_run_by_hand_keeps_the_dates_right_but_the_scheduler_is_silent(
    organization: Organization, officer: User, client: Client
) -> None:
    ran(60)
    ran(1, started_by="command")
    client.force_login(officer)
    with clock.at(NOW):
        page = client.get("/health/")
    assert (page.context["health"].late, page.context["health"].scheduler_alive) == (False, False)
    assert "silent since 10 Mar 2026, 11:00 UTC" in page.content.decode()
    assert not page.context["banner"]


@pytest.mark.parametrize(("minutes", "alive"), [(10, True), (10.1, False)])
def test_the_scheduler_lives_while_it_speaks_every_other_period(
    organization: Organization, officer: User, client: Client, minutes: float, alive: bool
) -> None:
    ran(minutes)
    client.force_login(officer)
    with clock.at(NOW):
        assert client.get("/health/").context["health"].scheduler_alive is alive


def test_people_see_runs_lag_and_what_was_set_aside(
    organization: Organization, officer: User, client: Client, other_organization: Organization
) -> None:
    for holder in (organization, other_organization):
        fates(holder)
    with tenancy.across_organizations():
        Certificate.objects.filter(number="S0").update(failure="'int' object is not iterable")
    ran(4, subjects=12, moves=3, messages=5, failures=1)
    ran(2, finished=False, error="OperationalError: gone")
    client.force_login(officer)
    with clock.at(NOW), CaptureQueriesContext(connection) as queries:
        page = client.get("/health/")
    health = page.context["health"]
    assert health.lag == timedelta(minutes=4)
    assert [row.number for row in health.certificates] == ["S0"]
    assert health.certificates[0].organization_id == organization.pk
    shown = page.content.decode()
    assert "(4\xa0minutes ago)" in shown
    assert "OperationalError: gone" in shown
    assert "1 set aside" in shown
    assert len(queries) <= 16


def test_the_words_of_the_page_agree_with_their_nouns_in_other_languages(
    organization: Organization, officer: User, client: Client
) -> None:
    ran(4, subjects=12, moves=3, messages=5, failures=2)
    client.force_login(officer)
    shown = {}
    for language in ("de", "fr", "es", "pl"):
        User.objects.filter(pk=officer.pk).update(language=language)
        with clock.at(NOW):
            shown[language] = text_of(client.get("/health/"))
    assert "Begonnen Ausgelöst durch Fällig Statuswechsel Nachrichten Ergebnis" in shown["de"]
    assert "Lancée par À traiter Changements de statut" in shown["fr"]
    assert "cada 300 segundos" in shown["es"]
    assert "2 odłożone" in shown["pl"]


def test_health_is_for_members_only(client: Client, db: None) -> None:
    assert client.get("/health/").status_code == 302
