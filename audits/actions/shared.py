"""What several doors of an audit share."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from audits.models import Audit
from audits.states import AHEAD, CAPTURING
from certifications.actions import Refused

Row = TypeVar("Row")
MOST_AT_ONCE = 500
SENT_AGAIN = {"made_at"}


def locked(audit: Audit) -> Audit:
    """The audit, read again and locked until the commit, so that numbers and states hold."""
    found: Audit = Audit.objects.select_for_update(of=("self",)).select_related("organization").get(pk=audit.pk)
    return found


def check_preparing(audit: Audit) -> None:
    """Team, plan and questions change until the audit has been held."""
    if audit.state not in (*AHEAD, "held"):
        raise Refused(
            _("Audit %(audit)s is %(state)s; its team, plan and checklist stay as they are.")
            % {"audit": audit, "state": audit.get_state_display().lower()}
        )


def check_capturing(audit: Audit) -> None:
    """Answers and findings are recorded from the first day until the report is issued."""
    if audit.state in CAPTURING:
        return
    if audit.state in AHEAD:
        raise Refused(_("Audit %s has not begun. Record its start, then send this again.") % audit)
    raise Refused(
        _("Audit %(audit)s is %(state)s; nothing more is recorded in it. Issue a new version of its report instead.")
        % {"audit": audit, "state": audit.get_state_display().lower()}
    )


def check_number_of(rows: Sequence[Any]) -> None:
    """At most 500 at once."""
    if len(rows) > MOST_AT_ONCE:
        raise ValidationError(_("Send at most %d at once.") % MOST_AT_ONCE)


def known_before(rows: Iterable[Any], given: Sequence[Mapping[str, Any]], owner: str) -> dict[uuid.UUID, Any]:
    """Rows that were recorded before under the same uid; ``owner`` names the field that may not differ.

    The same uid with another content is refused: it is another thing.
    """
    found = {row.uid: row for row in rows}
    for place, fields in enumerate(given):
        row = found.get(fields["uid"])
        if row is not None and _differs(row, fields, owner):
            raise ValidationError({"uid": _("Item %d: this id was used for something else already.") % (place + 1)})
    return found


def _differs(row: Any, fields: Mapping[str, Any], owner: str) -> bool:
    return bool(getattr(row, f"{owner}_id") != getattr(fields[owner], "pk", None))


def twice(given: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a list in which one id stands twice."""
    uids = [fields["uid"] for fields in given]
    if len(set(uids)) < len(uids):
        raise ValidationError({"uid": _("One id stands twice in this list.")})
