"""Rows whose number is recorded already: what a list would change of the record, field by field.

An empty cell changes nothing. What happened (decisions, steps of work, the state of an audit) has doors of its own and
is not changed by a list; a difference there is said and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from audits.models import Audit
from audits.states import TOOK_PLACE, AuditKind, FindingGrade
from certifications.models import Certificate
from certifications.states import CertificateStatus
from exchange.fields import Kind
from exchange.judging import Change, Finding, RowResult
from exchange.text import number_key
from exchange.values.sites import body_key
from nonconformities.models import Nonconformity
from nonconformities.states import Source

Values = Mapping[str, Any]
MODELS: dict[Kind, Any] = {
    Kind.CERTIFICATES: Certificate,
    Kind.AUDITS: Audit,
    Kind.NONCONFORMITIES: Nonconformity,
}
RELATED = {
    Kind.CERTIFICATES: ("standard", "edition", "body", "owner"),
    Kind.AUDITS: ("site", "body"),
    Kind.NONCONFORMITIES: ("site", "owner"),
}


WORDS: dict[tuple[Kind, str], dict[str, Any]] = {
    (Kind.CERTIFICATES, "status"): dict(CertificateStatus.choices),
    (Kind.AUDITS, "kind"): dict(AuditKind.choices),
    (Kind.NONCONFORMITIES, "source"): dict(Source.choices),
    (Kind.NONCONFORMITIES, "grade"): dict(FindingGrade.choices),
}


def spoken(kind: Kind, field: str, value: str) -> str:
    """A value as a page says it: words with a fixed meaning in the reader's language, others as they are."""
    return str(WORDS.get((kind, field), {}).get(value, value))


class Comparer:
    """Compares judged rows with the records of the current organization, in a fixed number of queries per chunk."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._ids: dict[str, int] | None = None

    def compare(self, results: Sequence[RowResult]) -> None:
        """Fill in what each row would change; rows that agree with their record become ``same``."""
        if not results:
            return
        ids = [self._known().get(number_key(result.values["number"])) for result in results]
        rows = MODELS[self._kind].objects.filter(pk__in=[pk for pk in ids if pk]).select_related(*RELATED[self._kind])
        if self._kind is Kind.CERTIFICATES:
            rows = rows.prefetch_related("site_links__site")
        found = {row.pk: row for row in rows}
        for result, pk in zip(results, ids, strict=True):
            if pk in found:
                self._compare(result, found[pk])

    def _known(self) -> dict[str, int]:
        if self._ids is None:
            rows = MODELS[self._kind].objects.order_by("pk").values_list("number", "pk")
            self._ids = {number_key(number): pk for number, pk in rows.iterator()}
        return self._ids

    def _compare(self, result: RowResult, row: Any) -> None:
        recorded, fixed = FIELDS_OF[self._kind](row)
        given = {name: _given(result.values, name) for name in (*recorded, *fixed)}
        if _differs("standard", given.get("standard"), fixed.get("standard")):
            given["edition"] = None
        for name, value in fixed.items():
            if _differs(name, given[name], value):
                listed, kept = (spoken(self._kind, name, _shown(each)) for each in (given[name], value))
                shown = gettext("%(listed)s; recorded: %(kept)s") % {"listed": listed, "kept": kept}
                result.warnings.append(Finding(result.row, "kept_as_recorded", name, shown))
        result.changes = tuple(
            Change(name, _shown(value), _shown(given[name]))
            for name, value in recorded.items()
            if _differs(name, given[name], value)
        )
        result.record = (row.pk, row.version)
        result.place = "change" if result.changes else "same"


def _given(values: Values, name: str) -> Any:
    """What a row says of a field; an owner who is a member is compared by mail address."""
    person = values.get("owner_person") if name == "owner" else None
    return person.mail.lower() if person and person.mail else values.get(name)


def _differs(name: str, new: Any, old: Any) -> bool:
    if new in (None, "", ()):
        return False
    if name == "certification_body":
        key, known = body_key(str(new)), body_key(str(old or ""))
        return key != known and not known.startswith(f"{key} ")
    if name in {"sites", "site"}:
        return set(new if isinstance(new, tuple) else (new,)) != set(old)
    if isinstance(new, Decimal):
        return bool(old is None or new != old)
    return bool(new != old)


def _shown(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return ", ".join(str(part) for part in value)
    return "" if value is None else str(value)


def _columns(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _certificate(row: Certificate) -> tuple[Values, Values]:
    recorded = {
        "certification_body": row.body.name if row.body else "",
        "edition": row.edition.name if row.edition else "",
        "owner": _owner(row),
        "sites": tuple(link.site.name for link in row.site_links.all()),
        **_columns(row, ("external_id", "accreditation_body", "scope", "note")),
        **_columns(row, ("certified_on", "issued_on", "cycle_started_on", "expires_on")),
    }
    return recorded, {"standard": row.standard.code, "status": row.confirmed_status}


def _owner(row: Any) -> str:
    return row.owner.email if row.owner else row.owner_name


def _audit(row: Audit) -> tuple[Values, Values]:
    took_place = row.state in TOOK_PLACE or row.state == "started"
    recorded = {
        "auditor": row.lead_auditor,
        "certification_body": row.body.name if row.body else "",
        "audit_days": row.days,
        "started_on": row.started_on if took_place else row.planned_on,
        "ended_on": row.ended_on if took_place else row.planned_until,
        **_columns(row, ("edition", "note")),
    }
    recorded["note"] = "\n".join(line for line in row.note.split("\n") if not line.startswith("Sites: "))
    return recorded, {"kind": row.kind, "site": (row.site.name,) if row.site else ()}


def _nonconformity(row: Nonconformity) -> tuple[Values, Values]:
    recorded = {
        "description": row.statement,
        "site": (row.site.name,) if row.site else (),
        "owner": _owner(row),
        **_columns(row, ("raised_on", "clause", "grade", "correction", "root_cause", "note")),
    }
    work = ("plan_submitted_on", "plan_accepted_on", "action_done_on", "closed_on")
    return recorded, {"source": row.source, **_columns(row, work)}


FIELDS_OF: dict[Kind, Callable[[Any], tuple[Values, Values]]] = {
    Kind.CERTIFICATES: _certificate,
    Kind.AUDITS: _audit,
    Kind.NONCONFORMITIES: _nonconformity,
}
