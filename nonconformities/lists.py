"""The list of nonconformities: what can be shown, sorted by and taken out of it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from nonconformities.models import Nonconformity
from records.lists import Column, ListSpec, register


def _concerns(row: Nonconformity) -> str:
    return ", ".join(str(link.certificate.standard) for link in row.certificate_links.all())


def _owner(row: Nonconformity) -> str:
    return str(row.owner or row.owner_name)


def _step(row: Nonconformity) -> Any:
    return row.get_current_step_display() if row.state == "open" else row.get_state_display()


NCS = register(
    ListSpec(
        "ncs",
        "nonconformities",
        _("Nonconformities"),
        (
            Column("number", _("Nonconformity"), lambda row: row.number, "number", along=("title",)),
            Column("title", _("Title"), lambda row: row.title, shown=False),
            Column("grade", _("Grade"), lambda row: row.current_grade, "current_grade"),
            Column("step", _("Step"), _step),
            Column("due", _("Next deadline"), lambda row: row.next_step_due_on, "next_step_due_on"),
            Column("concerns", _("Concerns"), _concerns),
            Column("owner", _("Owner"), _owner),
            Column("clause", _("Clause"), lambda row: row.clause, "clause", shown=False),
            Column("site", _("Site"), lambda row: str(row.site or ""), shown=False),
            Column("source", _("Source"), lambda row: row.get_source_display(), shown=False),
            Column("raised", _("Raised"), lambda row: row.raised_on, "raised_on", shown=False),
            Column("closed", pgettext_lazy("day", "Closed"), lambda row: row.closed_on, "closed_on", shown=False),
            Column("cause", _("Root cause"), lambda row: row.root_cause, shown=False),
        ),
        "due",
    )
)
