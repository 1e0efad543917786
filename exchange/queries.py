"""What the organization has, as far as a list may refer to it; a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict

from accounts.models import Membership, Organization, Site
from audits.models import Audit, AuditCertificate
from certifications.catalog import catalog
from certifications.models import Certificate, Scheme, Standard
from exchange.known import Known, KnownAudit, KnownCertificate
from exchange.text import number_key
from exchange.values.people import Person
from nonconformities.models import Nonconformity


def known_of(organization: Organization) -> Known:
    """The known world of an import: numbers, sites, people, standards and grades of this organization alone."""
    known = Known(
        organization=organization.name,
        nonconformities={number_key(n) for n in Nonconformity.objects.values_list("number", flat=True).iterator()},
        sites=tuple(Site.objects.values_list("name", flat=True)),
        people=tuple(_people()),
        standards=tuple(Standard.objects.values_list("code", flat=True)),
        own_grades=_own_grades(organization),
    )
    columns = ("number", "current_number", "standard__code", "edition__name", "scheme__catalog_id")
    for number, current, standard, edition, scheme in (
        Certificate.objects.order_by("pk").values_list(*columns).iterator()
    ):
        certificate = KnownCertificate(number, standard, edition, grades_of(scheme))
        known.add_certificate(certificate)
        if current:
            known.certificates.setdefault(number_key(current), certificate)
    for audit in _audits():
        known.add_audit(audit)
    return known


def grades_of(scheme: str) -> tuple[str, ...]:
    """The grades that a shipped scheme knows."""
    return tuple(catalog().policy(scheme).grades)


def _own_grades(organization: Organization) -> tuple[str, ...]:
    own = Scheme.objects.filter(organization=organization, own_deadlines=True).order_by("-pk").first()
    return grades_of(own.catalog_id) if own else ("minor", "major")


def _people() -> list[Person]:
    members = Membership.objects.order_by("pk").values_list("user__full_name", "user__email")
    return [Person(name or mail, mail) for name, mail in members]


def _audits() -> list[KnownAudit]:
    covered: dict[int, list[str]] = defaultdict(list)
    for audit, number in AuditCertificate.objects.order_by("pk").values_list("audit_id", "certificate__number"):
        covered[audit].append(number)
    return [
        KnownAudit(audit.number, audit.ended_on, tuple(covered[audit.pk]), audit.is_external)
        for audit in Audit.objects.only("number", "ended_on", "kind").order_by("pk").iterator()
    ]
