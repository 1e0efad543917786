"""The list of certificates: what can be shown, sorted by and taken out of it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.templatetags.ui import state_word
from certifications.models import Certificate
from certifications.queries import site_names, standing
from certifications.words import brief_reason
from records.lists import Column, ListSpec, register


def _edition(row: Certificate) -> str:
    return row.current_edition or str(row.edition or "")


def _state(row: Certificate) -> str:
    return str(standing(row, clock.today(row.organization)).label)


def _loss(row: Certificate, key: str) -> str:
    return row.next_loss[key] if row.next_loss else ""


def _becomes(row: Certificate) -> str:
    return state_word(_loss(row, "status"))


def _why(row: Certificate) -> str:
    return brief_reason(_loss(row, "reason"))


def _owner(row: Certificate) -> str:
    return str(row.owner or row.owner_name)


def _sites(row: Certificate) -> str:
    return ", ".join(site_names(row))


def _confirmed(row: Certificate) -> Any:
    return row.get_confirmed_status_display()


CERTIFICATES = register(
    ListSpec(
        "certificates",
        "certificates",
        _("Certificates"),
        (
            Column(
                "number",
                _("Certificate"),
                lambda row: str(row),
                "current_number",
                along=("standard", "edition", "sites"),
            ),
            Column("standard", _("Standard"), lambda row: str(row.standard), shown=False),
            Column("edition", _("Edition"), _edition, shown=False),
            Column("sites", _("Sites"), _sites, shown=False),
            Column("state", _("State"), _state),
            Column("loss", _("Next loss"), lambda row: row.next_loss_on, "next_loss_on", along=("becomes", "why")),
            Column("becomes", _("Becomes"), _becomes, shown=False),
            Column("why", _("Reason"), _why, shown=False),
            Column("expires", _("Expires"), lambda row: row.current_expires_on, "current_expires_on"),
            Column("body", _("Body"), lambda row: str(row.body or "")),
            Column("owner", _("Owner"), _owner),
            Column("ncs", _("Open NCs"), lambda row: row.open_nonconformities, counts=True),
            Column("confirmed", _("Confirmed by the body"), _confirmed, shown=False),
            Column("certified", _("Initial decision"), lambda row: row.certified_on, shown=False),
            Column("scheme", _("Scheme"), lambda row: str(row.scheme), shown=False),
            Column("scope", _("Scope"), lambda row: row.scope, shown=False),
        ),
        "loss",
    )
)
