"""Lists out, in the shape in which they come in: what is exported reads back in unchanged."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from django.utils.translation import override

from audits.models import Audit
from audits.states import TOOK_PLACE, AuditKind
from certifications.models import Certificate, Decision
from exchange import further
from exchange.actions.findings import title_of
from exchange.fields import FIELDS, Kind
from exchange.values.sites import Places
from nonconformities.models import Nonconformity
from records.sheets import write_csv_rows, write_workbook

Record = dict[str, Any]
SOURCES = {"body": "external audit", "internal_audit": "internal audit", "review": "management review"}
NOT_EXPORTED = {"organization", "standards", "cost"}


def columns(kind: Kind) -> list[tuple[str, str]]:
    """Field and heading of each column of an export."""
    return [(f.name, f.heading) for f in FIELDS[kind].values() if f.name not in NOT_EXPORTED]


def records(kind: Kind) -> Iterator[Record]:
    """All records of the current organization, one after the other."""
    return RECORDS[kind]()


def write_csv(kind: Kind, stream: BinaryIO) -> int:
    """Write a list as CSV (UTF-8 with a mark, commas); returns the number of records."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    count = write_csv_rows(text, [heading for _, heading in columns(kind)], _table(kind))
    text.detach()
    return count


def write_xlsx(kind: Kind, stream: BinaryIO) -> int:
    """Write a list as a workbook; returns the number of records."""
    headings = [heading for _, heading in columns(kind)]
    return write_workbook(stream, kind.value.capitalize(), headings, _table(kind))


def _table(kind: Kind) -> Iterator[list[Any]]:
    names = [name for name, _ in columns(kind)]
    for record in records(kind):
        yield [record.get(name) for name in names]


def _certificates() -> Iterator[Record]:
    related = ("site_links__site", "decisions", "notices", "reliances")
    rows = Certificate.objects.select_related("standard", "edition", "body", "scheme", "owner").prefetch_related(
        *related
    )
    for row in rows.order_by("number").iterator(chunk_size=500):
        yield _certificate(row)


def _certificate(row: Certificate) -> Record:
    links = list(row.site_links.all())
    sites = [link.site.name for link in links]
    address = links[0].site if len(links) == 1 else None
    decisions = [_decision(d) for d in row.decisions.all() if d.struck_on is None]
    status, status_on, simple = _confirmed(row, decisions)
    joined = "\n".join(sites)
    more = {
        "expiry_by_rule": row.expires_on is None,
        "sites": sites if tuple(Places(()).read(joined).sites) != tuple(sites) and sites else [],
        "scope_parts": row.scope_parts,
        "decisions": [] if simple else decisions,
        "notices": [_kept(n, "kind", "happened_on", "note") for n in row.notices.all()],
        "reliances": [_kept(r, "kind", "name", "note") for r in row.reliances.all()],
    }
    return {
        "number": row.number,
        "standard": row.standard.code,
        "edition": row.edition.name if row.edition else "",
        "sites": joined,
        "certification_body": row.body.name if row.body else "",
        "address": address.address if address else "",
        "country": address.country if address else "",
        "status": status,
        "status_on": status_on,
        "owner": row.owner.email if row.owner else row.owner_name,
        "scheme": row.scheme.title,
        "further": further.write(more),
        **_columns(row, "external_id", "accreditation_body", "audit_history", "scope", "note"),
        **_columns(row, "certified_on", "issued_on", "cycle_started_on", "expires_on"),
    }


def _confirmed(row: Certificate, decisions: list[Record]) -> tuple[str, Any, bool]:
    """What the body has said, since when, and whether that alone tells its decisions."""
    told = row.confirmed_status if row.confirmed_status != "none" else ""
    kind = {"suspended": "suspend", "withdrawn": "withdraw"}.get(told)
    if kind is None:
        return told, None, not decisions
    last = next((d["decided_on"] for d in reversed(decisions) if d["kind"] == kind), None)
    simple = decisions == [{"kind": kind, "decided_on": last}]
    return (told, last, simple) if last else ("", None, not decisions)


def _decision(row: Decision) -> Record:
    names = ("kind", "decided_on", "new_number", "edition", "reason", "because", "override", "until", "parts")
    return _kept(row, *names, "site_names", "to_body", "outcome", "letter", "note")


PLAIN_STATES = {"confirmed": "planned", "reported": "held", "closed": "held", "refused": "cancelled"}
"""States that lists of other programs have no word for; the exact one stands among the further facts."""


def _audits() -> Iterator[Record]:
    rows = Audit.objects.select_related("site", "body").prefetch_related("certificate_links__certificate")
    for row in rows.order_by("number").iterator(chunk_size=500):
        took_place = row.state in {*TOOK_PLACE, "started"}
        exact = {"state": row.state} if row.state in PLAIN_STATES else {}
        yield {
            "number": row.number,
            "kind": kind_word(row.kind),
            "certificate": "; ".join(link.certificate.number for link in row.certificate_links.all()),
            "site": row.site.name if row.site else "",
            "auditor": row.lead_auditor,
            "certification_body": row.body.name if row.body else "",
            "started_on": row.started_on if took_place else row.planned_on,
            "ended_on": row.ended_on if took_place else row.planned_until,
            "audit_days": row.days,
            "status": PLAIN_STATES.get(row.state, row.state),
            "further": further.write(exact | (_columns(row, "planned_on", "planned_until") if took_place else {})),
            **_columns(row, "edition", "note"),
        }


def kind_word(kind: str) -> str:
    """A kind of audit as the import reads it back, whatever language the reader has chosen."""
    with override("en"):
        return str(AuditKind(kind).label)


def _nonconformities() -> Iterator[Record]:
    related = ("certificate_links__certificate", "actions", "verifications", "extensions")
    rows = Nonconformity.objects.select_related("audit", "site", "owner").prefetch_related(*related)
    for row in rows.order_by("number").iterator(chunk_size=500):
        yield _nonconformity(row)


def _nonconformity(row: Nonconformity) -> Record:
    actions = [_action(action) for action in row.actions.all()]
    checks = [
        _kept(v, "verified_on", "result", "verified_by", "note")
        for v in row.verifications.all()
        if v.struck_on is None and v.result != "implemented"
    ]
    plain_action = actions[0]["description"] if actions == _implied_action(row, actions) else ""
    plain_check = checks[0] if checks and _is_plain_check(row, checks) else {}
    more = {
        "title": row.title if row.title != (title_of(row.statement) or row.number) else "",
        "actions": [] if plain_action else actions,
        "verifications": [] if plain_check else checks,
        "extensions": [_kept(e, "step", "granted_on", "due_on", "reason") for e in row.extensions.all()],
        **_columns(row, "evidence", "notified_on", "scope_part"),
    }
    return {
        "source": SOURCES.get(row.source, row.source),
        "audit": row.audit.number if row.audit else "",
        "certificate": "; ".join(link.certificate.number for link in row.certificate_links.all()),
        "site": row.site.name if row.site else "",
        "description": row.statement,
        "corrective_action": plain_action,
        "owner": row.owner.email if row.owner else row.owner_name,
        "verified_on": plain_check.get("verified_on"),
        "effectiveness": {"effective": "yes", "not_effective": "no"}.get(plain_check.get("result", ""), ""),
        "status": "closed" if row.closed_on else "open",
        "further": further.write(more),
        **_columns(row, "number", "raised_on", "clause", "grade", "correction", "root_cause", "note"),
        **_columns(row, "plan_submitted_on", "plan_accepted_on", "action_done_on", "closed_on"),
    }


def _action(row: Any) -> Record:
    facts = _kept(row, "description", "due_on", "done_on", "state")
    name = row.owner.email if row.owner else row.owner_name
    return facts | ({"owner_name": name} if name else {})


def _implied_action(row: Nonconformity, actions: list[Record]) -> list[Record]:
    """The one action that the columns of a list tell: its owner is the owner, it is done when the record says so."""
    done_on = row.action_done_on or row.closed_on
    owner = row.owner.email if row.owner else row.owner_name
    implied = {"description": actions[0]["description"] if actions else "", "state": "done" if done_on else "open"}
    return [implied | ({"done_on": done_on} if done_on else {}) | ({"owner_name": owner} if owner else {})]


def _is_plain_check(row: Nonconformity, checks: list[Record]) -> bool:
    return (
        len(checks) == 1
        and set(checks[0]) == {"verified_on", "result"}
        and (checks[0]["result"] == "effective" or row.closed_on is None)
    )


def _columns(row: Any, *names: str) -> Record:
    return {name: getattr(row, name) for name in names}


def _kept(row: Any, *names: str) -> Record:
    """Columns of a row that say something."""
    return {name: value for name in names if (value := getattr(row, name)) not in (None, "", [], False)}


RECORDS: dict[Kind, Callable[[], Iterator[Record]]] = {
    Kind.CERTIFICATES: _certificates,
    Kind.AUDITS: _audits,
    Kind.NONCONFORMITIES: _nonconformities,
}
