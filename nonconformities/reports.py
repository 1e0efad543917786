"""The nonconformity form (CAR) on one page: numbered boxes in the order auditors know."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import clock
from nonconformities.actions import actions_of
from nonconformities.models import ActionProof, Nonconformity
from nonconformities.queries import clause_title, clocks, repeats_of
from nonconformities.states import Step, WorkStep
from nonconformities.workspace import causes_of, picture_of, steps_of
from records.papers import PAPERS, Paper


def form(pk: int) -> dict[str, Any]:
    """What the form of a nonconformity shows."""
    nc = Nonconformity.objects.select_related("organization", "audit__body", "site", "owner").get(pk=pk)
    certificates = [link.certificate for link in nc.certificate_links.select_related("certificate__standard")]
    steps = steps_of(nc, "", clock.today(nc.organization), "")
    by_step = {view.step: view for view in steps}
    actions = actions_of(nc)
    cause = by_step[WorkStep.CAUSE]
    return {
        "nc": nc,
        "certificates": certificates,
        "clause_title": clause_title(nc, certificates),
        "repeats": repeats_of(nc),
        "containment": by_step[WorkStep.CONTAINMENT],
        "extent": by_step[WorkStep.EXTENT],
        "cause": cause,
        "effect": by_step[WorkStep.EFFECTIVENESS],
        "causes": causes_of(steps),
        "picture": picture_of(cause.content, nc.title) if cause.content.get("method") == "causes" else None,
        "fish_title": _("Cause and effect"),
        "fish_desc": _("Causes by branch; those marked as root stand below."),
        "returned": [row for view in steps for row in view.returned],
        "actions": actions,
        "proofs": list(ActionProof.objects.filter(action__in=actions)),
        "verifications": list(nc.verifications.filter(struck_on=None)),
        "due": _due(nc),
        "clocks": clocks(nc),
    }


def _due(nc: Nonconformity) -> list[tuple[str, date | None]]:
    """The earliest due date of each step that has one; None stands for "by the next audit"."""
    steps: dict[str, list[str]] = {}
    for due in nc.due.values():
        for step, value in due.items():
            if value:
                steps.setdefault(step, []).append(value)
    return [
        (str(step.label), min((date.fromisoformat(v) for v in steps[step] if v != "next_audit"), default=None))
        for step in Step
        if step in steps
    ]


PAPERS["nc-form"] = Paper(gettext_lazy("Nonconformity form"), Nonconformity, "reports/nc_form.html", form)
