"""Two people at once: the second save of the same row is refused with both values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _

from accounts.tenancy import EditableRow
from records.record import Actor, Entry, record, subject_type
from records.terms import Terms


@dataclass
class Conflict(Exception):
    """Somebody else saved the row meanwhile: ``theirs`` and ``yours`` hold the fields that differ."""

    row: EditableRow
    theirs: dict[str, Any]
    yours: dict[str, Any]

    def __str__(self) -> str:
        terms = Terms("", subject_type(self.row))
        words = {"row": self.row, "fields": ", ".join(terms.name(name) for name in self.theirs)}
        return _("%(row)s was changed by somebody else meanwhile: %(fields)s.") % words


def check(row: models.Model) -> None:
    """Refuse a row whose fields do not hold; raises ``ValidationError`` by field.

    A value that must be the only one of its kind in the organization is named by its own field.
    """
    try:
        row.full_clean()
    except ValidationError as error:
        raise ValidationError(_by_field(row, error)) from error


def _by_field(row: models.Model, error: ValidationError) -> dict[str, list[Any]]:
    errors: dict[str, list[Any]] = {}
    for name, problems in error.error_dict.items():
        for problem in problems:
            if problem.code == "unique_together" and problem.params:
                field = row._meta.get_field(problem.params["unique_check"][-1])
                taken = _("“%(value)s” is taken already.") % {"value": getattr(row, field.name)}
                errors.setdefault(field.name, []).append(taken)
            else:
                errors.setdefault(name, []).append(problem)
    return errors


def clash(error: IntegrityError) -> str:
    """What to say when the database refused a row because of what somebody else did at the same moment; else empty."""
    said = str(error).lower()
    if "unique" in said:
        return _("Somebody else recorded one of the same number or name just now. Choose another.")
    if "foreign" in said:
        return _("Somebody else removed a record that this belongs to just now. Look at it again.")
    return ""


def save_changes(
    row: EditableRow, version: int, changes: dict[str, Any], by: Actor, on: date, reason: str = ""
) -> EditableRow:
    """Save changed fields if ``version`` is still the row's own, and write what was before and after.

    Returns the row as saved. Raises ``Conflict`` when somebody else saved first; nothing is written then.
    """
    before = {name: _plain(getattr(row, name)) for name in changes}
    changed = {name: value for name, value in changes.items() if _plain(value) != before[name]}
    saved = type(row).objects.filter(pk=row.pk, version=version).update(**changed, version=version + 1)
    if not saved:
        raise _conflict(row, changes)
    row.refresh_from_db()
    if changed:
        after = {name: _plain(value) for name, value in changed.items()}
        kept = {name: before[name] for name in changed}
        record(by, [Entry.about(row, f"{row._meta.model_name}.edited", on, before=kept, after=after, reason=reason)])
    return row


def _conflict(row: EditableRow, changes: dict[str, Any]) -> Conflict:
    current = type(row).objects.get(pk=row.pk)
    theirs = {name: _plain(getattr(current, name)) for name in changes}
    yours = {name: _plain(value) for name, value in changes.items()}
    differing = [name for name in changes if theirs[name] != yours[name]]
    return Conflict(current, {n: theirs[n] for n in differing}, {n: yours[n] for n in differing})


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, models.Model | date) else value
