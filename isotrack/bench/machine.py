"""The usual way: a state machine library, one certificate at a time, one ``save()`` and one event each."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models, transaction
from django_fsm import FSMField, transition

from accounts import clock
from records.models import ActorKind, Event, EventCounter, Message


class MachineCertificate(models.Model):
    """The certificates' table as a state machine sees it."""

    organization_id = models.BigIntegerField()
    number = models.CharField(max_length=80)
    owner_id = models.BigIntegerField()
    state = FSMField(db_column="status", protected=True)
    moves = models.JSONField()
    next_due_on = models.DateField(null=True)

    objects: models.Manager[MachineCertificate] = models.Manager()

    class Meta:
        app_label = "isotrack"
        managed = False
        db_table = "certifications_certificate"

    def overdue(self, nonconformities: Any, today: date) -> list[Any]:
        """Open majors of the body whose closure has passed."""
        found = nonconformities.filter(certificate_links__certificate=self.pk, state="open", source="body")
        return [nc for nc in found if nc.due[f"certificate:{self.pk}"]["closure"] < today.isoformat()]

    @transition(field=state, source="active", target="suspended")
    def suspend(self, because: list[str], today: date) -> None:
        """The deadline of a major has passed."""
        self.next_due_on = today.replace(year=today.year + 1)
        self.moves = [*self.moves, {"date": today.isoformat(), "from": "active", "to": "suspended", "because": because}]


def run(nonconformities: Any, today: date, limit: int) -> int:
    """Suspend so many due certificates, each in a transaction with its event and its two messages."""
    rows = list(MachineCertificate.objects.filter(next_due_on__lte=today, state="active").order_by("pk")[:limit])
    for row in rows:
        with transaction.atomic():
            because = [f"nc:{nc.pk}" for nc in row.overdue(nonconformities, today)]
            row.suspend(because, today)
            row.save()
            _tell(row, because, today)
    return len(rows)


def _tell(row: MachineCertificate, because: list[str], today: date) -> None:
    counter = EventCounter.objects.select_for_update().get(pk=row.organization_id)
    counter.last_number += 1
    counter.save()
    Event.objects.create(
        organization_id=row.organization_id,
        number=counter.last_number,
        kind="certificate.suspended",
        subject_type="certificate",
        subject_id=row.pk,
        subject_label=row.number,
        effective_on=today,
        recorded_at=clock.now(),
        actor_kind=ActorKind.RULE,
        actor_label="Scheme rules",
        rule="nc.major.closure",
        reason="unresolved_nc",
        because=because,
    )
    for kind in ("status", "deadline"):
        Message.objects.create(
            organization_id=row.organization_id,
            key=f"{kind}:{row.pk}:{today}",
            kind=kind,
            recipient_id=row.owner_id,
            subject_type="certificate",
            subject_id=row.pk,
            payload={"because": because},
            created_at=clock.now(),
            next_at=clock.now(),
        )
