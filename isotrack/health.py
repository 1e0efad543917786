"""Whether the product keeps its promise: dates are checked, messages go out, and nothing is set aside unseen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Exists, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import clock
from accounts.models import Organization
from accounts.permissions import Capability
from accounts.templatetags.ui import moment
from accounts.tenancy import sees_everything
from accounts.web import allowed
from alerts.queries import Queue, queue
from alerts.views import may_read
from certifications.models import Certificate
from nonconformities.models import Nonconformity
from records.models import ChainCheck, Message, SweepRun
from records.verification import in_words

GOOD = frozenset({"ok", "in this process"})
RUNS_SHOWN = 10
ROWS_SHOWN = 50


def period() -> timedelta:
    """How often the scheduler wakes the sweep up."""
    return timedelta(seconds=settings.SWEEP_PERIOD_SECONDS)


@dataclass(frozen=True)
class Banner:
    """A warning on every page."""

    text: str
    url: str
    link: str = ""


def banner(organization: Organization | None) -> Banner | None:
    """What every page must warn of: a chain that does not hold, dates unchecked for two periods, messages not sent.

    One query. Who reaches a part of the organization alone is not told of messages, which belong to all of it.
    """
    if organization is None:
        return None
    messages = Message.objects.filter(organization=organization) if sees_everything() else Message.objects.none()
    dead = messages.filter(state=Message.State.DEAD)
    checks = ChainCheck.objects.filter(organization=organization).order_by("-pk").values("problem")[:1]
    runs = SweepRun.objects.filter(finished_at__isnull=False)
    finished = runs.annotate(dead=Exists(dead), broken=Subquery(checks)).first()
    url = reverse("health")
    if finished and finished.broken:
        text = _("The history does not hold: %s.") % in_words(finished.broken)
        return Banner(text, reverse("history"), _("See what was found"))
    if finished is None:
        return Banner(_("Deadlines have never been checked on this installation: is the scheduler running?"), url)
    if _is_old(finished):
        text = _("Deadlines were last checked on %s; dates and statuses may be out of date.")
        return Banner(text % moment(finished.finished_at), url)
    if finished.dead:
        return Banner(_("Some messages could not be sent."), url + "#messages", _("See how many"))
    return None


def _is_old(run: SweepRun) -> bool:
    return run.finished_at is None or clock.now() - run.finished_at > 2 * period()


@dataclass(frozen=True)
class Health:
    """What the page for people shows."""

    now: datetime
    late: bool
    last: SweepRun | None
    scheduled: SweepRun | None
    scheduler_alive: bool
    runs: Sequence[SweepRun]
    broker: str
    queue: Queue
    certificates: Sequence[Certificate]
    nonconformities: Sequence[Nonconformity]

    @property
    def degraded(self) -> bool:
        """Whether the queue takes no work now; the row of a task is what counts, so that nothing is lost."""
        return self.broker not in GOOD

    @property
    def lag(self) -> timedelta | None:
        """How long ago the last run finished."""
        return self.now - self.last.finished_at if self.last and self.last.finished_at else None


def health() -> Health:
    """How things stand for the current organization; six queries."""
    now = clock.now()
    scheduled = SweepRun.objects.filter(started_by=SweepRun.StartedBy.SCHEDULER).first()
    last = SweepRun.objects.filter(finished_at__isnull=False).first()
    return Health(
        now=now,
        late=last is None or _is_old(last),
        last=last,
        scheduled=scheduled,
        scheduler_alive=scheduled is not None and now - scheduled.started_at <= 2 * period(),
        runs=list(SweepRun.objects.all()[:RUNS_SHOWN]),
        broker=_checked(_broker),
        queue=queue(),
        certificates=list(Certificate.objects.exclude(failure="").select_related("standard")[:ROWS_SHOWN]),
        nonconformities=list(Nonconformity.objects.exclude(failure="")[:ROWS_SHOWN]),
    )


@never_cache
@allowed(Capability.VIEW_ORGANIZATION)
def page(request: HttpRequest) -> HttpResponse:
    """The last runs, how far behind they are, what failed, and what waits to be sent."""
    context = {"health": health(), "seconds": settings.SWEEP_PERIOD_SECONDS, "may_read": may_read(request)}
    return render(request, "health.html", context)


@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """``/healthz``: this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """``/readyz``: what this process needs is there; 503 and the reason when it is not."""
    checks: dict[str, Callable[[], str]] = {
        "database": _database,
        "migrations": _migrations,
        "broker": _broker,
    }
    found: dict[str, Any] = {name: _checked(check) for name, check in checks.items()}
    return JsonResponse(found, status=200 if set(found.values()) <= GOOD else 503)


def _checked(check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, redis.RedisError) as error:
        return f"failed: {type(error).__name__}"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"failed: {len(missing)} to run" if missing else "ok"


def _broker() -> str:
    if not settings.CELERY_BROKER_URL.startswith(("redis://", "rediss://")):
        return "in this process"
    broker = redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_connect_timeout=2, socket_timeout=2)
    broker.set("isotrack.ready", 1, ex=60)  # one without memory answers a ping and takes no task
    return "ok"
