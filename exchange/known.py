"""What the organization already has, as far as a list may refer to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from exchange.fields import Kind
from exchange.text import number_key
from exchange.values.people import Person


@dataclass(frozen=True, slots=True)
class KnownAudit:
    """An audit that nonconformities may refer to; its last day may stand in for the day they were raised."""

    number: str
    ended_on: date | None = None
    certificates: tuple[str, ...] = ()
    external: bool = True


@dataclass(frozen=True, slots=True)
class KnownCertificate:
    """A certificate that audits and nonconformities may refer to, with the grades its scheme knows."""

    number: str
    standard: str = ""
    edition: str | None = None
    grades: tuple[str, ...] = ("minor", "major")


@dataclass(slots=True)
class Known:
    """Numbers, sites, people and standards of the organization before the import."""

    organization: str = ""
    certificates: dict[str, KnownCertificate] = field(default_factory=dict)
    audits: dict[str, KnownAudit] = field(default_factory=dict)
    nonconformities: set[str] = field(default_factory=set)
    sites: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    standards: tuple[str, ...] = ()
    own_grades: tuple[str, ...] = ("minor", "major")

    def certificate(self, written: str) -> KnownCertificate | None:
        """The certificate that is meant, however the spaces and case of its number are written."""
        return self.certificates.get(number_key(written))

    def audit(self, written: str) -> KnownAudit | None:
        """The audit that is meant."""
        return self.audits.get(number_key(written))

    def has(self, kind: Kind, number: str) -> bool:
        """Whether a record of this kind already has the number."""
        taken: dict[Kind, Collection[str]] = {
            Kind.CERTIFICATES: self.certificates,
            Kind.AUDITS: self.audits,
            Kind.NONCONFORMITIES: self.nonconformities,
        }
        return number_key(number) in taken[kind]

    def add_certificate(self, certificate: KnownCertificate) -> None:
        """Know one more certificate."""
        self.certificates[number_key(certificate.number)] = certificate

    def add_audit(self, audit: KnownAudit) -> None:
        """Know one more audit."""
        self.audits[number_key(audit.number)] = audit
