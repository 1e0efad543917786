"""Work that people have to do, from every app in one list: what, by when, and which loss it moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.templatetags.ui import day
from agenda.models import TimeRequest
from agenda.queries import step_words, time_requests
from audits.models import Audit
from audits.queries import audits
from audits.states import BOOKED
from certifications.models import Certificate
from certifications.queries import Reference, brief_certificates, references, site_names
from certifications.timeline import Loss, loss_of, site_of
from certifications.words import remedy_words
from nonconformities.models import CorrectiveAction, Nonconformity
from nonconformities.queries import nonconformities

SOON = timedelta(days=14)
MOST = 200


@dataclass(frozen=True)
class Task:
    """One thing to do, verb first; ``loss_on`` is the day of the loss it moves, if it moves one.

    ``key`` names it in addresses: ``nc-12``, ``action-7``, ``certificate-3``, ``audit-9`` or ``time-2``.
    """

    key: str

    name: str
    url: str
    about: str
    owner: str
    owner_id: int | None
    due_on: date | None
    loss_on: date | None
    today: date
    others: frozenset[int] = frozenset()

    @property
    def kind(self) -> str:
        """The kind of record it is about."""
        return self.key.partition("-")[0]

    def is_of(self, person: int | None) -> bool:
        """Whether it waits for this person."""
        return person is not None and (person == self.owner_id or person in self.others)

    @property
    def tag(self) -> str:
        """How urgent it is."""
        if self.due_on is None:
            return "open"
        if self.due_on < self.today:
            return "overdue"
        return "due" if self.due_on <= self.today + SOON else "planned"


def remedy_tasks(rows: Sequence[Certificate], today: date, named: Mapping[str, Reference]) -> list[Task]:
    """The one action against each certificate's next loss, the soonest loss first; each action once."""
    tasks: dict[str, Task] = {}
    for row in sorted(rows, key=lambda row: (row.next_loss_on or date.max, row.pk)):
        loss = loss_of(row)
        if loss is None:
            continue
        task = _remedy_task(row, loss, today, named)
        tasks.setdefault(f"{task.name} {task.url}", task)
    return list(tasks.values())


def _remedy_task(row: Certificate, loss: Loss, today: date, named: Mapping[str, Reference]) -> Task:
    reference = named.get(loss.subject)
    nonconformity = reference is not None and loss.subject.startswith("nc:")
    owner = (reference.owner if reference and nonconformity else "") or str(row.owner or row.owner_name)
    return Task(
        key=loss.subject.replace(":", "-") if nonconformity else f"certificate-{row.pk}",
        name=remedy_words(loss.remedy, reference.label if reference else ""),
        url=reference.url if reference and reference.url else reverse("certificate", args=[row.pk]),
        about=certificate_words(row),
        owner=owner,
        owner_id=reference.owner_id if reference and nonconformity else row.owner_id,
        due_on=loss.due_on,
        loss_on=loss.on,
        today=today,
    )


def certificate_words(row: Certificate) -> str:
    """A certificate in a few words: standard and main site."""
    site = site_of(site_names(row))
    return f"{row.standard} · {site}" if site else str(row.standard)


def everyones_work(today: date) -> list[Task]:
    """All open work of the organization; a fixed number of queries, at most 200 rows of each kind."""
    rows = list(brief_certificates().filter(next_loss_on__isnull=False).order_by("next_loss_on", "pk")[:MOST])
    named = references({row.next_loss["subject"] for row in rows if row.next_loss})
    remedies = remedy_tasks(rows, today, named)
    covered = {task.url for task in remedies}
    found = [
        *remedies,
        *(task for task in _nonconformity_tasks(_due_nonconformities()[:MOST], today) if task.url not in covered),
        *_action_tasks(_due_actions()[:MOST], today),
        *_audit_tasks(_audits_ahead(today)[:MOST], today),
        *_requests(_unanswered()[:MOST], today),
    ]
    return sorted(found, key=_urgency)


def task_of(key: str, today: date) -> Task | None:
    """The open task with this key, whoever's it is; None when nothing is left to do or the record is out of reach."""
    kind, _dash, number = key.partition("-")
    if not number.isdecimal() or len(number) > 17:
        return None
    tasks: Iterable[Task] = ()
    match kind:
        case "nc":
            tasks = _nonconformity_tasks(_due_nonconformities().filter(pk=int(number)), today)
        case "action":
            tasks = _action_tasks(_due_actions().filter(pk=int(number)), today)
        case "audit":
            tasks = _audit_tasks(_audits_ahead(today).filter(pk=int(number)), today)
        case "time":
            tasks = _requests(_unanswered().filter(pk=int(number)), today)
        case "certificate":
            rows = list(brief_certificates().filter(next_loss_on__isnull=False, pk=int(number)))
            tasks = remedy_tasks(rows, today, references({row.next_loss["subject"] for row in rows if row.next_loss}))
    return next(iter(tasks), None)


def _due_nonconformities() -> QuerySet[Nonconformity]:
    return nonconformities().filter(state="open").order_by("next_step_due_on", "pk")


def _due_actions() -> QuerySet[CorrectiveAction]:
    rows = CorrectiveAction.objects.filter(state="open", nonconformity__state="open")
    return rows.select_related("owner", "nonconformity").order_by("due_on", "pk")


def _audits_ahead(today: date) -> QuerySet[Any]:
    ahead = Q(state="started") | Q(state__in=BOOKED, on__lte=today + timedelta(days=92))
    return audits().filter(ahead).order_by("on", "pk")


def _unanswered() -> QuerySet[TimeRequest]:
    return time_requests().filter(answered_on=None)


def _urgency(task: Task) -> tuple[date, date, str]:
    """What moves a loss comes first, the soonest loss on top; then by due date."""
    return (task.loss_on or date.max, task.due_on or date.max, task.name)


def _nonconformity_tasks(rows: Iterable[Any], today: date) -> Iterable[Task]:
    for row in rows:
        concerned = [link.certificate for link in row.certificate_links.all()]
        yield Task(
            key=f"nc-{row.pk}",
            name=step_words(row.stage, str(row)),
            url=reverse("nonconformity", args=[row.pk]),
            about=" · ".join(filter(None, [", ".join(str(c.standard) for c in concerned), row.title])),
            owner=str(row.owner or row.owner_name),
            owner_id=row.owner_id,
            due_on=row.next_step_due_on,
            loss_on=_loss_moved(row, concerned),
            today=today,
        )


def _loss_moved(row: Nonconformity, concerned: Sequence[Certificate]) -> date | None:
    """The first loss of a certificate that rests on this nonconformity."""
    name = f"nc:{row.pk}"
    losses = [loss for certificate in concerned if (loss := loss_of(certificate))]
    return min((loss.on for loss in losses if name == loss.subject or name in loss.because), default=None)


def _action_tasks(rows: Iterable[CorrectiveAction], today: date) -> Iterable[Task]:
    for row in rows:
        yield Task(
            key=f"action-{row.pk}",
            name=row.description,
            url=reverse("nonconformity-step", args=[row.nonconformity_id, "evidence"]),
            about=_("Corrective action of %s") % row.nonconformity,
            owner=str(row.owner or row.owner_name),
            owner_id=row.owner_id,
            due_on=row.due_on,
            loss_on=None,
            today=today,
        )


def _audit_tasks(rows: Iterable[Any], today: date) -> Iterable[Task]:
    for row in rows:
        links = list(row.certificate_links.all())
        owners = [link.certificate.owner_id for link in links if link.certificate.owner_id]
        standards = ", ".join(str(link.certificate.standard) for link in links)
        yield Task(
            key=f"audit-{row.pk}",
            name=_("%(kind)s audit %(number)s") % {"kind": row.get_kind_display(), "number": row},
            url=reverse("audit", args=[row.pk]),
            about=" · ".join(filter(None, [standards, str(row.site or "")])),
            owner=row.lead_auditor,
            owner_id=next(iter(owners), None),
            others=frozenset(owners),
            due_on=row.on,
            loss_on=None,
            today=today,
        )


def _requests(rows: Iterable[TimeRequest], today: date) -> Iterable[Task]:
    """Requests for more time; they wait for who owns the nonconformity."""
    for row in rows:
        nonconformity = row.action.nonconformity
        words = {"person": row.asked_by, "day": day(row.due_on), "action": row.action}
        yield Task(
            key=f"time-{row.pk}",
            name=_("Answer %(person)s, who asks for time until %(day)s") % words,
            url=reverse("time-request", args=[row.pk]),
            about=f"{nonconformity} · {row.action}",
            owner=str(nonconformity.owner or nonconformity.owner_name),
            owner_id=nonconformity.owner_id,
            due_on=row.action.due_on,
            loss_on=None,
            today=today,
        )


def waiting_for(person: int, today: date) -> dict[str, Any]:
    """What the navigation counts: one's own work, certificates, open nonconformities; one query."""
    own = Nonconformity.objects.filter(state="open")
    losing = Certificate.objects.filter(next_loss_on__isnull=False).exclude(next_loss__subject__startswith="nc:")
    actions = CorrectiveAction.objects.filter(state="open", nonconformity__state="open")
    audited = _audits_ahead(today).filter(certificate_links__certificate__owner=person)
    counted = {
        "ncs": own,
        "certificates": Certificate.objects.all(),
        "mine_ncs": own.filter(owner=person),
        "mine_losses": losing.filter(owner=person),
        "mine_actions": actions.filter(owner=person),
        "mine_audits": Audit.objects.filter(pk__in=audited.order_by().values("pk").distinct()),
        "mine_requests": _unanswered().filter(action__nonconformity__owner=person),
    }
    found: dict[str, int] = (
        Membership.objects.filter(user=person)
        .values_list("pk")[:1]
        .annotate(**{name: _number(rows) for name, rows in counted.items()})
        .values(*counted)[0]
    )
    mine = sum(count for name, count in found.items() if name.startswith("mine_"))
    return {"work": mine, "certificates": found["certificates"], "ncs": found["ncs"]}


def _number(rows: QuerySet[Any]) -> Coalesce:
    """How many rows there are, as part of another query."""
    numbers = rows.order_by().select_related(None).values("organization_id").annotate(number=Count("pk"))
    return Coalesce(Subquery(numbers.values("number")), 0)
