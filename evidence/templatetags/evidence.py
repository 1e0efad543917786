"""The part "Evidence" that every page of a record may include: ``{% load evidence %}{% evidence nc %}``."""

from __future__ import annotations

from typing import Any

from django import template

from accounts import clock
from accounts.tenancy import OrganizationRow
from accounts.web import can
from evidence.forms import AttachForm
from evidence.kinds import kind_of
from evidence.queries import evidence_of
from evidence.states import tag_of
from records.record import subject_type

register = template.Library()


@register.inclusion_tag("evidence/_card.html", takes_context=True)
def evidence(context: dict[str, Any], row: OrganizationRow, also: Any = (), title: str = "") -> dict[str, Any]:
    """The evidence of a record as a list, with the form that adds to it for those who may; three queries.

    ``also`` are further records whose evidence is shown here, such as the decisions of a certificate.
    """
    request = context["request"]
    name = f"{subject_type(row)}-{row.pk}"
    today = clock.today(row.organization)
    may_add = can(request, kind_of(row).writes)
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "title": title,
        "card_id": f"evidence-{name}",
        "lines": [(found, found.current, tag_of(found, today)) for found in evidence_of(row, *also)],
        "today": today,
        "may_add": may_add,
        "form": AttachForm(auto_id=f"id_evidence_{name}_%s") if may_add else None,
        "subject_type": subject_type(row),
        "subject_id": row.pk,
    }
