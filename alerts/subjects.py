"""What a message is about, as it stands on the day it is sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import clock
from certifications.facts import books_for, pk_of
from certifications.models import Certificate, Scheme
from certifications.queries import Reference, references, site_names
from certifications.timeline import Loss, loss_of, site_of
from evidence.models import Evidence
from lifecycle.forecast import explain_rule
from lifecycle.policy import Policy
from lifecycle.rule_words import threat_in_words
from nonconformities.models import Nonconformity
from records.models import Message


@dataclass(frozen=True)
class Subject:
    """The certificate or nonconformity of a message.

    ``short`` stands in subject lines ("ISO/IEC 27001, Gdańsk"), ``name`` in sentences ("ISO/IEC 27001 at Gdańsk").
    """

    today: date
    short: str
    name: str
    number: str
    url: str
    owner: str
    policy: Policy
    status: str = ""
    differs: bool = False
    moves: Sequence[dict[str, Any]] = ()
    proposed_status: str = ""
    loss: Loss | None = None

    def record(self, name: str) -> Reference:
        """The record with this id, such as ``nc:12``; the subject itself stands for what the engine derived."""
        if pk_of(name):
            return references([name])[name]
        return Reference(self.number, self.url, self.owner)

    def labels(self, names: Collection[str]) -> str:
        """The words of the nonconformities that caused something, in one line."""
        own = [name for name in names if name.startswith("nc:")]
        found = references(own)
        return ", ".join(found[name].label for name in own)

    def rule(self, rule_id: str) -> str:
        """The rule in words with its source."""
        return explain_rule(self.policy, rule_id, translation)

    def otherwise(self, rule_id: str) -> str:
        """What the rule threatens, as a sentence: "Otherwise the certificate is suspended."; empty when nothing."""
        threat = threat_in_words(self.policy, rule_id, translation)
        return _("Otherwise %s.") % threat if threat else ""


def subject_of(message: Message) -> Subject:
    """Read the row that the message is about; the organization's scope must be open."""
    today = clock.today(message.organization)
    if message.subject_type == "nonconformity":
        return _nonconformity(message.subject_id, today)
    if message.subject_type == "evidence":
        return _evidence(message.subject_id, message.organization_id, today)
    return _certificate(message.subject_id, today)


def _certificate(pk: int, today: date) -> Subject:
    rows = Certificate.objects.select_related("standard", "scheme", "owner").prefetch_related("site_links__site")
    row: Certificate = rows.get(pk=pk)
    site = site_of(site_names(row))
    names = {"standard": str(row.standard), "site": site}
    return Subject(
        today=today,
        short=_("%(standard)s, %(site)s") % names if site else str(row.standard),
        name=_("%(standard)s at %(site)s") % names if site else f"{row.standard} ({row})",
        number=str(row),
        url=page(reverse("certificate", args=[pk])),
        owner=str(row.owner or row.owner_name or ""),
        policy=books_for([row.scheme])[row.scheme_id].at(today),
        status=row.status,
        differs=row.status != row.confirmed_status,
        moves=row.moves,
        proposed_status=row.proposed_status,
        loss=loss_of(row),
    )


def _evidence(pk: int, organization_id: int, today: date) -> Subject:
    row: Evidence = Evidence.objects.select_related("owner").get(pk=pk)
    return Subject(
        today=today,
        short=row.title,
        name=row.title,
        number=str(row),
        url=page(reverse("evidence", args=[pk])),
        owner=str(row.owner or ""),
        policy=_own_policy(organization_id, today),
        status="withdrawn" if row.withdrawn_on else "",
    )


def _own_policy(organization_id: int, today: date) -> Policy:
    """The organization's own deadlines, which rule what no body rules."""
    own = Scheme.objects.filter(organization_id=organization_id, own_deadlines=True).order_by("-pk")[0]
    return books_for([own])[own.pk].at(today)


def _nonconformity(pk: int, today: date) -> Subject:
    row: Nonconformity = Nonconformity.objects.select_related("owner").get(pk=pk)
    return Subject(
        today=today,
        short=row.title,
        name=f"{row} ({row.title})",
        number=str(row),
        url=page(reverse("nonconformity", args=[pk])),
        owner=str(row.owner or row.owner_name or ""),
        policy=_own_policy(row.organization_id, today),
    )


def page(path: str) -> str:
    """The whole address of a page, as a mail needs it."""
    return path if path.startswith("http") else f"{settings.BASE_URL}{path}"
