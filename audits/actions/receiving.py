"""What a phone sends is taken in once, whole: a finding with its photos, or nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from audits.actions.findings import record_findings
from audits.models import Audit, Finding
from evidence.actions import Given, attach
from records.record import Actor


@transaction.atomic
def receive_finding(audit: Audit, fields: dict[str, Any], photos: Sequence[Given], by: Actor) -> Finding:
    """Record a finding and keep its photos; sent again under its ``uid`` it is the finding recorded before.

    Raises what ``record_findings`` and ``evidence.actions.attach`` raise; nothing is kept then.
    """
    known = Finding.objects.filter(uid=fields["uid"]).exists()
    finding = record_findings(audit, [fields], by)[0]
    for photo in () if known else photos:
        attach(finding, photo, by)
    return finding
