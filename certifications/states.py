"""States and moves of a certificate, with their words. The table is what ``manage.py transitions`` prints."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from records.moves import Move


class CertificateStatus(models.TextChoices):
    """Where a certificate stands (words of IAF CertSearch)."""

    NONE = "none", _("Not certified yet")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class DecisionKind(models.TextChoices):
    """What a certification body decides."""

    CERTIFY = "certify", _("Certify")
    RECERTIFY = "recertify", _("Recertify")
    TRANSITION = "transition", _("Transition to an edition")
    SUSPEND = "suspend", _("Suspend")
    LIFT = "lift", _("Lift the suspension")
    EXTEND_SUSPENSION = "extend_suspension", _("Extend the suspension")
    WITHDRAW = "withdraw", _("Withdraw")
    REINSTATE = "reinstate", _("Reinstate")
    REDUCE_SCOPE = "reduce_scope", _("Reduce the scope")
    TRANSFER = "transfer", _("Take over from another body")
    APPEAL_OUTCOME = "appeal_outcome", _("Outcome of an appeal")


class NoticeKind(models.TextChoices):
    """What happened without moving a status by itself."""

    APPEAL_FILED = "appeal_filed", _("Appeal filed")
    INCIDENT = "incident", _("Serious incident")
    TRANSFER_REQUESTED = "transfer_requested", _("Transfer requested")
    ACCREDITATION_LOST = "accreditation_lost", _("Accreditation of the body lost")


class AuditHistory(models.TextChoices):
    """Whether audits that are not listed did not happen."""

    PARTIAL = "partial", _("Some audits may be missing from the list")
    COMPLETE = "complete", _("All audits are listed")


class Moving(models.TextChoices):
    """What the sweep does when a deadline has passed."""

    AUTOMATIC = "automatic", _("Move automatically")
    PROPOSE = "propose", _("Propose and wait for a confirmation")


_S = CertificateStatus
_IN_FORCE = (_S.ACTIVE.value, _S.SUSPENDED.value)

MOVES: tuple[Move, ...] = (
    Move("certify", ("none", "expired", "withdrawn"), "active", "record_decision", "decision"),
    Move("suspend", _IN_FORCE, "suspended", "record_decision", "decision"),
    Move("lift", ("suspended",), "active", "record_decision", "decision"),
    Move("extend_suspension", ("suspended",), None, "record_decision", "decision"),
    Move("withdraw", (*_IN_FORCE, "expired", "withdrawn"), "withdrawn", "record_decision", "decision"),
    Move("reinstate", ("withdrawn",), "active", "record_decision", "decision"),
    Move("recertify", (*_IN_FORCE, "expired"), "active", "record_decision", "decision"),
    Move("transition", (*_IN_FORCE, "expired"), "active", "record_decision", "decision"),
    Move("reduce_scope", _IN_FORCE, None, "record_decision", "decision"),
    Move("transfer", ("active",), None, "record_decision", "decision"),
    Move("appeal_outcome", ("none", *_IN_FORCE, "expired", "withdrawn"), None, "record_decision", "decision"),
    Move("deadline passed", ("active",), "suspended", "refresh", "rule"),
    Move("suspension limit passed", ("active", "suspended", "expired"), "withdrawn", "refresh", "rule"),
    Move("validity ended", _IN_FORCE, "expired", "refresh", "rule"),
)


def decisions_from(status: str) -> tuple[str, ...]:
    """Kinds of decision that can be recorded for a certificate in this status."""
    return tuple(move.name for move in MOVES if move.by == "decision" and status in move.sources)
