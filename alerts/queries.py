"""What the pages of the outbox and of health read, each in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from alerts import words
from certifications.models import Certificate
from certifications.queries import references
from records.models import Message

PAGE_SIZE = 50
State = Message.State
TABS: dict[str, tuple[str, ...]] = {
    "": tuple(State.values),
    "waiting": (State.NEW, State.LEASED, State.HELD),
    "sent": (State.SENT,),
    "failed": (State.DEAD,),
}

KINDS = {
    "test": _("Test of a rule with"),
    "status": _("Status of"),
    "proposal": _("Proposed move of"),
    "correction": _("Correction of"),
    "evidence_expiry": _("Expiry of"),
    "grade": _("Grade of a nonconformity of"),
    "head": _("Signed head of the history"),
    "audit_invited": _("Place on the team of"),
    "audit_confirmed": _("Confirmed days of"),
    "audit_moved": _("New days of"),
    "audit_cancelled": _("Cancellation of"),
    "audit_reported": _("Report of"),
    "import_done": _("Result of the import of"),
}
ACCOUNT_KINDS = {
    "password_reset": _("Link to choose a password"),
    "account_news": _("News about an account"),
    "invitation": _("Invitation"),
    "guest_audit": _("Invitation to an audit"),
}


@dataclass(frozen=True)
class Line:
    """A message in the list: its subject line if it was sent, else what it is about."""

    message: Message
    subject: str


def outbox(tab: str, before: int | None) -> tuple[list[Line], int | None]:
    """Newest messages of the current organization first, and where the next page begins; at most four queries."""
    rows: QuerySet[Message] = Message.objects.filter(state__in=TABS[tab]).select_related("recipient")
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE_SIZE + 1])
    more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    return _lines(found), found[-1].pk if more else None


def _lines(messages: Sequence[Message]) -> list[Line]:
    unsent = [message for message in messages if not message.mail_subject]
    records = references({m.payload["subject"] for m in unsent if m.kind == "deadline"})
    ids = {m.subject_id for m in unsent if m.subject_type == "certificate"}
    certificates = {row.pk: str(row) for row in Certificate.objects.filter(pk__in=ids)} if ids else {}

    def about(message: Message) -> str:
        if message.kind == "deadline":
            subject = message.payload["subject"]
            return words.deadline_of(message.payload["deadline"], records[subject].label)
        if message.kind in ACCOUNT_KINDS:
            return str(ACCOUNT_KINDS[message.kind])
        return f"{KINDS[message.kind]} {message.payload.get('title') or certificates.get(message.subject_id, '')}"

    return [Line(message, message.mail_subject or about(message)) for message in messages]


@dataclass(frozen=True)
class Queue:
    """How the messages of the current organization stand; ``since`` is when the longest waiting was written."""

    waiting: int
    held: int
    dead: int
    since: datetime | None


def queue() -> Queue:
    """One query."""
    waiting = Q(state__in=(State.NEW, State.LEASED))
    unsent = Message.objects.filter(state__in=(State.NEW, State.LEASED, State.HELD, State.DEAD))
    found = unsent.aggregate(
        waiting=Count("pk", filter=waiting),
        held=Count("pk", filter=Q(state=State.HELD)),
        dead=Count("pk", filter=Q(state=State.DEAD)),
        since=Min("created_at", filter=waiting),
    )
    return Queue(**found)
