"""What several resources of an audit share."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from audits.models import Audit


def audit_of(pk: int) -> Audit:
    """The audit of an address; a foreign one does not exist."""
    return get_object_or_404(Audit.objects.select_related("organization"), pk=pk)
