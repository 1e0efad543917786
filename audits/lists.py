"""The list of audits: what can be shown, sorted by and taken out of it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.templatetags.ui import state_word
from audits.queries import days_of, tag_of
from records.lists import Column, ListSpec, register


def _state(row: Any) -> str:
    return state_word(tag_of(row, clock.today(row.organization)))


def _certificates(row: Any) -> str:
    covered = (link.certificate for link in row.certificate_links.all())
    return ", ".join(f"{certificate.standard} {certificate}" for certificate in covered)


def _sites(row: Any) -> str:
    return ", ".join(str(site) for site in row.places)


AUDITS = register(
    ListSpec(
        "audits",
        "audits",
        _("Audits"),
        (
            Column("number", _("Audit"), lambda row: row.number, "number", along=("kind",)),
            Column("kind", _("Kind"), lambda row: row.get_kind_display(), shown=False),
            Column("state", _("State"), _state),
            Column("days", _("Days"), days_of, "on", along=("first", "last")),
            Column("first", _("First day"), lambda row: row.started_on or row.planned_on, shown=False),
            Column("last", _("Last day"), lambda row: row.on, shown=False),
            Column("certificates", _("Certificates"), _certificates),
            Column("site", _("Site"), _sites),
            Column("lead", _("Lead auditor"), lambda row: row.lead_auditor),
            Column("body", _("Certification body"), lambda row: str(row.body or ""), shown=False),
            Column("edition", _("Edition"), lambda row: row.edition, shown=False),
            Column("effort", _("Audit days"), lambda row: row.days, shown=False, counts=True),
            Column("method", _("Carried out"), lambda row: row.get_method_display(), shown=False),
        ),
        "days",
    )
)
