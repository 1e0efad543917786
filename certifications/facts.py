"""The only place where rows become engine input, in a fixed number of queries whatever the number of certificates.

Rows of upper packages (audits, nonconformities) are reached through Django's reverse relations alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast, get_args

from django.db.models import QuerySet

from accounts import tenancy
from certifications.catalog import catalog
from certifications.models import Certificate, Decision, EditionEnd, Notice, Scheme, SchemeVersion
from lifecycle import facts as known
from lifecycle.policy import PolicyBook


def ref(kind: str, pk: int | str) -> str:
    """The id under which the engine knows a row, for example ``nc:12``."""
    return f"{kind}:{pk}"


def pk_of(reference: str) -> int:
    """The row's number in a reference like ``nc:12``; 0 for what the engine derived."""
    _, _, number = reference.partition(":")
    return int(number) if number.isdecimal() else 0


@dataclass(slots=True)
class _Gathered:
    """Rows of one kind per certificate."""

    audits: dict[int, list[known.Audit]] = field(default_factory=lambda: defaultdict(list))
    nonconformities: dict[int, list[known.Nonconformity]] = field(default_factory=lambda: defaultdict(list))
    decisions: dict[int, list[known.Decision]] = field(default_factory=lambda: defaultdict(list))
    notices: dict[int, list[known.Notice]] = field(default_factory=lambda: defaultdict(list))
    sites: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


@tenancy.whole_organization()
def facts_for(rows: Sequence[Certificate]) -> dict[int, known.Facts]:
    """The facts of each certificate, by its row id; rows need standard, edition and body selected."""
    ids = [row.pk for row in rows]
    gathered = _Gathered()
    _gather_sites(ids, gathered)
    _gather_audits(ids, gathered)
    _gather_nonconformities(ids, gathered)
    _gather_decisions(ids, gathered)
    ends = own_ends({row.organization_id for row in rows})
    return {row.pk: _facts(row, gathered, ends.get(row.organization_id, ())) for row in rows}


def with_relations(rows: QuerySet[Certificate]) -> QuerySet[Certificate]:
    """The query of certificates with all that ``facts_for`` reads from the row itself.

    Few organizations, standards and schemes stand behind many certificates, so each is read once and shared.
    """
    return rows.prefetch_related("organization", "standard", "edition", "body", "scheme", "owner")


def _facts(row: Certificate, gathered: _Gathered, ends: Sequence[known.EditionEnd]) -> known.Facts:
    return known.Facts(
        certificate=_certificate(row, gathered.sites[row.pk]),
        audits=tuple(gathered.audits[row.pk]),
        nonconformities=tuple(gathered.nonconformities[row.pk]),
        decisions=tuple(gathered.decisions[row.pk]),
        notices=tuple(gathered.notices[row.pk]),
        editions=tuple(end for end in ends if end.standard == row.standard.code),
    )


def _certificate(row: Certificate, sites: Sequence[str]) -> known.Certificate:
    return known.Certificate(
        id=row.number,
        standard=row.standard.code,
        edition=row.edition.name if row.edition else None,
        accreditation_body=row.accreditation_body or (row.body.accreditation_body if row.body else "") or None,
        certified_on=row.certified_on,
        issued_on=row.issued_on,
        cycle_started_on=row.cycle_started_on,
        expires_on=row.expires_on,
        audit_history=cast(known.AuditHistory, row.audit_history),
        sites=tuple(sites),
        scope=tuple(row.scope_parts),
    )


def _gather_sites(ids: Collection[int], into: _Gathered) -> None:
    links = Certificate.objects.filter(pk__in=ids, site_links__isnull=False).order_by("site_links__pk")
    for pk, name in links.values_list("pk", "site_links__site__name"):
        into.sites[pk].append(name)


def _gather_audits(ids: Collection[int], into: _Gathered) -> None:
    path = "audit_links__audit"
    took_place = ["started", "held", "reported", "closed"]
    held = Certificate.objects.filter(
        pk__in=ids,
        **{
            f"{path}__state__in": took_place,
            f"{path}__kind__in": list(get_args(known.AuditKind)),
        },
    ).order_by(f"{path}__ended_on", f"{path}__pk")
    columns = ("pk", "kind", "started_on", "ended_on", "edition", "recorded_on")
    for pk, *values in held.values_list("pk", *(f"{path}__{column}" for column in columns)):
        number, kind, started_on, ended_on, edition, recorded_on = values
        if started_on or ended_on:
            into.audits[pk].append(
                known.Audit(ref("audit", number), kind, started_on, ended_on, edition or None, recorded_on)
            )


_NC = "nonconformity_links__nonconformity"
_NC_COLUMNS = (
    "grade",
    "raised_on",
    "notified_on",
    "clause",
    "site__name",
    "scope_part",
    "plan_submitted_on",
    "plan_accepted_on",
    "action_done_on",
    "closed_on",
    "closure_recorded_on",
    "recorded_on",
)


def _gather_nonconformities(ids: Collection[int], into: _Gathered) -> None:
    """Nonconformities that the certification body raised; no other source moves a certificate."""
    raised = Certificate.objects.filter(pk__in=ids, **{f"{_NC}__source": "body"})
    columns = ("pk", f"{_NC}__pk", f"{_NC}__audit_id", *(f"{_NC}__{column}" for column in _NC_COLUMNS))
    found = list(raised.order_by(f"{_NC}__raised_on", f"{_NC}__pk").values_list(*columns))
    extensions = _extensions(raised) if found else {}
    verifications = _verifications(raised) if found else {}
    for pk, nonconformity, audit, *values in found:
        held = ref("audit", audit) if audit else None
        into.nonconformities[pk].append(
            nonconformity_fact(
                nonconformity,
                dict(zip(_NC_COLUMNS, values, strict=True)),
                held if any(known_audit.id == held for known_audit in into.audits[pk]) else None,
                extensions.get(nonconformity, {}).values(),
                verifications.get(nonconformity, {}).values(),
            )
        )


def nonconformity_fact(
    pk: int,
    row: dict[str, Any],
    audit: str | None,
    extensions: Iterable[known.Extension],
    verifications: Iterable[known.Verification],
) -> known.Nonconformity:
    """One nonconformity as the engine knows it; ``row`` holds its columns by name."""
    return known.Nonconformity(
        id=ref("nc", pk),
        grade=row["grade"],
        audit=audit,
        raised_on=row["raised_on"],
        notified_on=row["notified_on"],
        clause=row["clause"] or None,
        site=row["site__name"],
        scope_part=row["scope_part"] or None,
        plan_submitted_on=row["plan_submitted_on"],
        plan_accepted_on=row["plan_accepted_on"],
        action_done_on=row["action_done_on"],
        closed_on=row["closed_on"],
        closure_recorded_on=row["closure_recorded_on"],
        verifications=tuple(verifications),
        extensions=tuple(extensions),
        recorded_on=row["recorded_on"],
    )


def _extensions(raised: QuerySet[Certificate]) -> dict[int, dict[int, known.Extension]]:
    path = f"{_NC}__extensions"
    found: dict[int, dict[int, known.Extension]] = defaultdict(dict)
    columns = (
        f"{_NC}__pk",
        f"{path}__pk",
        f"{path}__granted_on",
        f"{path}__due_on",
        f"{path}__step",
        f"{path}__recorded_on",
    )
    rows = raised.filter(**{f"{path}__isnull": False}).order_by(f"{path}__granted_on", f"{path}__pk")
    for nonconformity, pk, granted_on, due_on, step, recorded_on in rows.values_list(*columns):
        found[nonconformity][pk] = known.Extension(granted_on, due_on, step, recorded_on)
    return found


def _verifications(raised: QuerySet[Certificate]) -> dict[int, dict[int, known.Verification]]:
    path = f"{_NC}__verifications"
    found: dict[int, dict[int, known.Verification]] = defaultdict(dict)
    columns = (f"{_NC}__pk", f"{path}__pk", f"{path}__verified_on", f"{path}__result", f"{path}__recorded_on")
    rows = raised.filter(**{f"{path}__result__in": get_args(known.VerificationResult), f"{path}__struck_on": None})
    rows = rows.order_by(f"{path}__verified_on", f"{path}__pk")
    for nonconformity, pk, verified_on, result, recorded_on in rows.values_list(*columns):
        found[nonconformity][pk] = known.Verification(verified_on, result, recorded_on)
    return found


def _gather_decisions(ids: Collection[int], into: _Gathered) -> None:
    for row in Decision.objects.filter(certificate_id__in=ids, struck_on=None).order_by("decided_on", "pk"):
        into.decisions[row.certificate_id].append(decision_fact(row))
    for notice in Notice.objects.filter(certificate_id__in=ids).order_by("happened_on", "pk"):
        into.notices[notice.certificate_id].append(
            known.Notice(ref("notice", notice.pk), notice.kind, notice.happened_on, notice.recorded_on)
        )


def decision_fact(row: Decision) -> known.Decision:
    """One decision of the body as the engine knows it; an unsaved one is called ``decision:new``."""
    return known.Decision(
        id=ref("decision", row.pk or "new"),
        kind=cast(known.DecisionKind, row.kind),
        date=row.decided_on,
        certificate=row.new_number or None,
        edition=row.edition or None,
        reason=row.reason or None,
        because=tuple(row.because),
        override=row.override,
        until=row.until,
        parts=tuple(row.parts),
        sites=tuple(row.site_names),
        to_body=row.to_body or None,
        outcome=cast(Any, row.outcome or None),
        recorded_on=row.recorded_on,
    )


def own_ends(organizations: Collection[int]) -> dict[int, list[known.EditionEnd]]:
    """Ends of editions that each organization entered itself; they come before the catalog's."""
    ends: dict[int, list[known.EditionEnd]] = defaultdict(list)
    rows = EditionEnd.objects.filter(organization_id__in=organizations, from_catalog=False)
    for row in rows.select_related("edition__standard"):
        ends[row.organization_id].append(
            known.EditionEnd(
                standard=row.edition.standard.code,
                edition=row.edition.name,
                ends_on=row.ends_on,
                last_new_audit_on=row.last_new_audit_on,
                accreditation_body=row.accreditation_body or None,
                recorded_on=row.recorded_on,
            )
        )
    return ends


def books_for(schemes: Iterable[Scheme]) -> dict[int, PolicyBook]:
    """The versions of each scheme's rules over time, by the scheme's row id; one query."""
    by_id = {scheme.pk: scheme for scheme in schemes}
    versions: dict[int, list[SchemeVersion]] = defaultdict(list)
    for version in SchemeVersion.objects.filter(scheme_id__in=by_id).order_by("effective_on"):
        versions[version.scheme_id].append(version)
    return {pk: _book(scheme.catalog_id, versions[pk]) for pk, scheme in by_id.items()}


def _book(catalog_id: str, versions: Sequence[SchemeVersion]) -> PolicyBook:
    shipped = catalog()
    base = shipped.policy(catalog_id)
    steps: tuple[tuple[date, Any], ...] = tuple(
        (version.effective_on, base.with_rules(version.rules) if version.rules else base) for version in versions
    )
    return PolicyBook(steps or ((date.min, base),), shipped.editions)


def nonconformity_rows(ids: Collection[int]) -> QuerySet[Any]:
    """Rows of the nonconformities with these ids (the upper package's model, by its reverse relation)."""
    model: Any = Certificate._meta.get_field("nonconformities").related_model
    return cast(QuerySet[Any], model.objects.filter(pk__in=ids))
