"""Sentences about certificates that pages, API and mails share."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.templatetags.ui import day as said
from certifications.models import Decision
from certifications.states import CertificateStatus, DecisionKind
from lifecycle.outcome import Violation


def refusal(decision: Decision, violation: Violation, status: str, possible: Sequence[str]) -> str:
    """Why a decision cannot be recorded, and what can be recorded instead."""
    words = [str(DecisionKind(kind).label) for kind in possible]
    override = ""
    if violation.code == "open_grounds":
        override = " " + _("If the body decided so all the same, mark it as taken although the rules say otherwise.")
    return (
        _("“%(kind)s” on %(day)s is not possible: %(why)s. The certificate is %(status)s; possible now: %(possible)s.")
        % {
            "kind": decision.get_kind_display(),
            "day": said(decision.decided_on),
            "why": violation.message.rstrip("."),
            "status": str(CertificateStatus(status).label).lower(),
            "possible": ", ".join(words) or _("nothing"),
        }
        + override
    )
