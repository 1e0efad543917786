"""What people sign of a certificate: that a decision of the body is recorded as it was taken."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.models import Certificate, Decision
from records.signatures import Act, Lines, signable


def _certificate(row: Certificate) -> Lines:
    return [
        (_("Certificate"), row.current_number),
        (_("Standard"), str(row.standard)),
        (_("Certification body"), str(row.body or "")),
        (_("Scope"), row.scope),
    ]


RECORD_DECISION = signable(
    Act(
        "decision.record",
        gettext_lazy("Record a decision of the body"),
        gettext_lazy("I confirm that the certification body has taken this decision."),
        Decision,
        _certificate,
        of="certificate",
    )
)
