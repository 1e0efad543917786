"""The mail that a long import is done, written to the outbox with its end."""

from __future__ import annotations

from accounts.models import Membership
from exchange.models import ImportRun
from records.outbox import NewMessage, queue


def tell_result(run: ImportRun) -> int:
    """Write ``import_done`` to the person who started the import, once; nothing when nobody did or they have left."""
    person = run.started_by_id
    if person is None or not Membership.objects.filter(user=person).exists():
        return 0
    return queue(
        [
            NewMessage(
                organization_id=run.organization_id,
                key=f"import:{run.pk}:done",
                kind="import_done",
                recipient_id=person,
                subject_type="importrun",
                subject_id=run.pk,
                payload={"title": run.file_name},
            )
        ]
    )
