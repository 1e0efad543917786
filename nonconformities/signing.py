"""What people sign of a nonconformity: that its plan is accepted, and that it is closed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.templatetags.ui import day
from nonconformities.models import Nonconformity
from records.signatures import Act, Lines, signable


def _record(nc: Nonconformity) -> Lines:
    """What was found."""
    return [
        (_("Nonconformity"), f"{nc.number}: {nc.title}"),
        (_("Grade"), nc.grade),
        (_("Clause"), nc.clause),
        (_("Raised"), day(nc.raised_on)),
        (_("Statement of nonconformity"), nc.statement),
        (_("Objective evidence"), nc.evidence),
    ]


def _plan(nc: Nonconformity) -> Lines:
    """What was found, why it happened, and what removes the cause."""
    planned: Any = nc.actions.exclude(state="cancelled").select_related("owner").order_by("pk")
    actions = [f"{row.description} ({row.owner or row.owner_name}, {day(row.due_on)})" for row in planned]
    return [*_record(nc), (_("Root cause"), nc.root_cause), (_("Corrective action"), "\n".join(actions))]


ACCEPT_PLAN = signable(
    Act(
        "nonconformity.accept_plan",
        gettext_lazy("Accept a plan"),
        gettext_lazy("I have reviewed the root cause and the plan and accept them."),
        Nonconformity,
        _plan,
    )
)
CLOSE = signable(
    Act(
        "nonconformity.close",
        gettext_lazy("Close a nonconformity"),
        gettext_lazy("I have reviewed what was done and decide on the closure of this nonconformity."),
        Nonconformity,
        _plan,
    )
)


def act_of(move: str, target: str | None) -> Act | None:
    """The act that a move of the stage is; None for a move that nobody signs."""
    if target == "closed":
        return CLOSE
    return ACCEPT_PLAN if move == "accept plan" else None
