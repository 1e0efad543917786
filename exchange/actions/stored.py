"""Ready rows become records, a chunk at a time in one transaction: rows, links, one event each, then the rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from accounts import clock
from audits.models import Audit, AuditCertificate
from audits.states import EXTERNAL_KINDS, TOOK_PLACE, AuditState
from certifications.actions import refresh_ids
from certifications.models import Certificate, CertificateSite, Decision, Notice, Reliance
from exchange.actions.findings import Findings, written_due
from exchange.actions.references import References
from exchange.fields import Kind
from exchange.judging import RowResult
from nonconformities.actions.refresh import refresh_own
from nonconformities.models import Nonconformity, NonconformityCertificate
from records.record import Actor, Entry, record
from records.sweep import lock

Values = dict[str, Any]
SETTLED = 500
THREE_YEARS = (timedelta(days=900), timedelta(days=1130))


@dataclass(slots=True)
class Stored:
    """What a chunk added, by model; due dates of the list, to be compared once the rules have spoken."""

    created: dict[str, list[int]]
    written_due: list[dict[str, Any]] = field(default_factory=list)


def store(kind: Kind, results: Sequence[RowResult], found: References, by: Actor, cause: str) -> Stored:
    """Write one chunk of ready rows; must run inside one transaction."""
    return STORES[kind]([result.values for result in results], found, by, cause)


def _certificates(rows: Sequence[Values], found: References, by: Actor, cause: str) -> Stored:
    today = clock.today(found.organization)
    records = [(values, made) for values in rows for made in _certificate_rows(values, found)]
    Certificate.objects.bulk_create([made for _, made in records], batch_size=500)
    links = [link for values, made in records for link in _sites(values, made, found)]
    CertificateSite.objects.bulk_create(links, batch_size=1000)
    Decision.objects.bulk_create([d for values, made in records for d in _decisions(values, made, today)])
    notices = [n for values, made in records for n in further_rows(Notice, values, "notices", made, today)]
    Notice.objects.bulk_create(notices)
    Reliance.objects.bulk_create(
        [r for values, made in records for r in further_rows(Reliance, values, "reliances", made)]
    )
    record(by, [_told(made, "certificate.registered", today, values, cause) for values, made in records])
    ids = [made.pk for _, made in records]
    refresh_ids(ids, by, cause)
    return Stored({"certificate": ids})


def _certificate_rows(values: Values, found: References) -> list[Certificate]:
    """One certificate, or one for each of several standards; the further ones carry the standard in their number."""
    first = _certificate(values, values["number"], values["standard"], values["edition"], found)
    others = [
        _certificate(values, f"{values['number']} · {standard}"[:80], standard, edition, found)
        for standard, edition in values["also"]
    ]
    return [first, *others]


def _certificate(values: Values, number: str, code: str, edition: str | None, found: References) -> Certificate:
    standard = found.standard(code)
    return Certificate(
        organization=found.organization,
        number=number,
        current_number=number,
        external_id=values["external_id"],
        standard=standard,
        edition=found.edition(standard, edition),
        body=found.body(values["certification_body"], values["accreditation_body"]),
        accreditation_body=values["accreditation_body"],
        scheme=found.scheme(code, values["scheme"]),
        certified_on=values["certified_on"],
        issued_on=values["issued_on"],
        cycle_started_on=values["cycle_started_on"] or cycle_start(values),
        expires_on=values["expires_on"],
        audit_history="complete" if values["audit_history"] == "complete" else "partial",
        scope=values["scope"],
        scope_parts=values["further"].get("scope_parts", []),
        owner=found.user(values["owner_person"]),
        owner_name=values["owner"],
        note=values["note"],
    )


def cycle_start(values: Values) -> date | None:
    """The day of issue begins the current cycle when the paper is valid for three years from it (clause 9.1.3.2)."""
    issued: date | None = values["issued_on"]
    if issued and values["expires_on"] and THREE_YEARS[0] <= values["expires_on"] - issued <= THREE_YEARS[1]:
        return issued
    return None


def _sites(values: Values, made: Certificate, found: References) -> list[CertificateSite]:
    names = values["further"].get("sites", values["sites"])
    address = (values["address"], values["country"]) if len(names) == 1 else ("", "")
    return [
        CertificateSite(organization=found.organization, certificate=made, site=found.site(name, *address), main=i == 0)
        for i, name in enumerate(names)
    ]


def _decisions(values: Values, made: Certificate, today: date) -> list[Decision]:
    """Decisions of the body: those an export lists, otherwise the one that a status with a date tells of."""
    if "decisions" in values["further"]:
        return further_rows(Decision, values, "decisions", made, today)
    kind = {"suspended": "suspend", "withdrawn": "withdraw"}.get(values["status"] or "")
    if kind is None or values["status_on"] is None:
        return []
    facts = {"kind": kind, "decided_on": values["status_on"]}
    return [Decision(organization_id=made.organization_id, certificate=made, recorded_on=today, **facts)]


def further_rows(model: Any, values: Values, name: str, made: Any, today: date | None = None) -> list[Any]:
    """Rows of facts that no column holds; ``today`` is the day on which they are recorded, where that is kept."""
    parent = {made._meta.model_name: made, "organization_id": made.organization_id}
    recorded = {"recorded_on": today} if today else {}
    return [model(**parent, **recorded, **facts) for facts in values["further"].get(name, ())]


def _audits(rows: Sequence[Values], found: References, by: Actor, cause: str) -> Stored:
    today = clock.today(found.organization)
    records = [(values, _audit(values, found, today)) for values in rows]
    Audit.objects.bulk_create([made for _, made in records], batch_size=500)
    links = [
        AuditCertificate(organization=found.organization, audit=made, certificate=certificate)
        for values, made in records
        for certificate in found.certificates(values["certificates"])
    ]
    AuditCertificate.objects.bulk_create(links, batch_size=1000)
    record(by, [_told(made, f"audit.{made.state}", made.ended_on or today, values, cause) for values, made in records])
    counting = {made.pk for _, made in records if made.kind in EXTERNAL_KINDS and made.started_on}
    _mark_due({link.certificate_id for link in links if link.audit_id in counting}, today)
    return Stored({"audit": [made.pk for _, made in records]})


def _audit(values: Values, found: References, today: date) -> Audit:
    first, last, sites = values["started_on"], values["ended_on"], values["site"]
    further = values["further"]
    state = AuditState(further.get("state") or values["status"])
    took_place = state in {*TOOK_PLACE, AuditState.STARTED}
    several = [f"Sites: {', '.join(sites)}"] if len(sites) > 1 else []
    return Audit(
        organization=found.organization,
        number=values["number"] or f"{(first or last).isoformat()} {values['kind']} {values['row']}",
        kind=values["kind"],
        state=state,
        site=found.site(sites[0]) if sites else None,
        body=found.body(values["certification_body"]),
        lead_auditor=values["auditor"],
        planned_on=further.get("planned_on") if took_place else first or last,
        planned_until=further.get("planned_until") if took_place else last,
        started_on=(first or last) if took_place else None,
        ended_on=(last or first) if state in TOOK_PLACE else None,
        edition=values["edition"],
        days=values["audit_days"],
        note="\n".join(filter(None, [values["note"], *several])),
        recorded_on=today,
    )


def _nonconformities(rows: Sequence[Values], found: References, by: Actor, cause: str) -> Stored:
    today = clock.today(found.organization)
    findings = Findings(found, today)
    records = [(values, findings.row(values)) for values in rows]
    Nonconformity.objects.bulk_create([made for _, made in records], batch_size=500)
    links = [
        NonconformityCertificate(organization=found.organization, nonconformity=made, certificate=certificate)
        for values, made in records
        for certificate in found.certificates(values["certificates"])
    ]
    NonconformityCertificate.objects.bulk_create(links, batch_size=1000)
    findings.store_work(records)
    record(by, [_told(made, "nonconformity.raised", made.raised_on, values, cause) for values, made in records])
    own = [made.pk for _, made in records if made.source != "body"]
    refresh_own(lock(Nonconformity.objects.select_related("organization").filter(pk__in=own)), clock.today)
    _mark_due({link.certificate_id for link in links}, today)
    return Stored({"nonconformity": [made.pk for _, made in records]}, written_due(records))


def _mark_due(ids: Collection[int], today: date) -> None:
    """These certificates are recomputed at the end of the import; if it dies before, the next sweep does it."""
    Certificate.objects.filter(pk__in=ids).update(next_due_on=today)


def settle(kind: Kind, created: Mapping[str, Sequence[int]], by: Actor, cause: str) -> None:
    """Recompute, once each, the certificates that imported audits and nonconformities concern."""
    if kind is Kind.CERTIFICATES:
        return
    made, links = ("audit", AuditCertificate) if kind is Kind.AUDITS else ("nonconformity", NonconformityCertificate)
    ids = created.get(made, ())
    concerned: set[int] = set()
    for start in range(0, len(ids), SETTLED):
        found = links.objects.filter(**{f"{made}_id__in": ids[start : start + SETTLED]})
        concerned.update(found.values_list("certificate_id", flat=True))
    ordered = sorted(concerned)
    for start in range(0, len(ordered), SETTLED):
        with transaction.atomic():
            refresh_ids(ordered[start : start + SETTLED], by, cause)


def _told(made: Any, kind: str, on: date, values: Values, cause: str) -> Entry:
    """One event for the record, with what the list said."""
    shown = {name: str(value)[:500] for name, value in values.items() if value not in (None, "", (), {})}
    shown.pop("owner_person", None)
    return Entry.about(made, kind, on, after=shown, reason=cause)


STORES: dict[Kind, Callable[[Sequence[Values], References, Actor, str], Stored]] = {
    Kind.CERTIFICATES: _certificates,
    Kind.AUDITS: _audits,
    Kind.NONCONFORMITIES: _nonconformities,
}
