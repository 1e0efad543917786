"""Rows that imported records refer to: found, or added through their own doors and listed."""

from __future__ import annotations

from collections import defaultdict

from accounts.models import Membership, Organization, Site, User
from audits.models import Audit
from certifications.actions import add_body, add_site, find_edition, find_standard
from certifications.models import Certificate, CertificationBody, Edition, Scheme, Standard
from exchange.text import fold, number_key
from exchange.values.people import Person
from exchange.values.sites import body_key
from records.record import Actor

GENERIC = "iso17021_generic"
SCHEME_OF = {
    "IATF 16949": "iatf_rules_6",
    "FSSC 22000": "fssc_22000_v6",
    "TL 9000": "tl9000",
    "BRCGS": "brcgs_food",
    "EN 9100": "iaqg_icop",
    "EN 9110": "iaqg_icop",
    "EN 9120": "iaqg_icop",
    "AS 9100": "iaqg_icop",
    "AS 9110": "iaqg_icop",
    "AS 9120": "iaqg_icop",
}


class References:
    """Finds rows by what a list says; ``added`` counts what had to be added, by model, with ids."""

    def __init__(self, organization: Organization, by: Actor) -> None:
        self.organization, self._by = organization, by
        self.added: dict[str, list[int]] = defaultdict(list)
        self._standards = {row.code: row for row in Standard.objects.all()}
        self._editions = {(row.standard_id, row.name): row for row in Edition.objects.all()}
        self._bodies = {body_key(row.name): row for row in CertificationBody.objects.order_by("-pk")}
        self._sites = {row.name: row for row in Site.objects.all()}
        self._schemes = {row.catalog_id: row for row in Scheme.objects.filter(own_deadlines=False).order_by("-pk")}
        self._titles = {fold(row.title): row for row in self._schemes.values()}
        self._users = {m.user.email.lower(): m.user for m in Membership.objects.select_related("user")}
        self._certificates: dict[str, Certificate] = {}
        self._audits: dict[str, Audit] = {}

    def standard(self, code: str) -> Standard:
        """The standard with this code."""
        if code not in self._standards:
            self._standards[code] = find_standard(self.organization, code, self._by)
            self.added["standard"].append(self._standards[code].pk)
        return self._standards[code]

    def edition(self, standard: Standard, name: str | None) -> Edition | None:
        """The edition of a standard; None when the list names none."""
        if not name:
            return None
        key = (standard.pk, name)
        if key not in self._editions:
            self._editions[key] = find_edition(standard, name, self._by)
            self.added["edition"].append(self._editions[key].pk)
        return self._editions[key]

    def body(self, name: str, accreditation_body: str = "") -> CertificationBody | None:
        """The certification body; ``Pellworth`` is ``Pellworth Assurance Ltd`` as long as only one begins so."""
        if not name:
            return None
        key = self._known_body(body_key(name))
        if key not in self._bodies:
            fields = {"name": name, "accreditation_body": accreditation_body}
            self._bodies[key] = add_body(self.organization, fields, self._by)
            self.added["certificationbody"].append(self._bodies[key].pk)
        return self._bodies[key]

    def _known_body(self, key: str) -> str:
        longer = [known for known in self._bodies if known.startswith(f"{key} ")]
        return longer[0] if key not in self._bodies and len(longer) == 1 else key

    def site(self, name: str, address: str = "", country: str = "") -> Site:
        """The site of this name; a new one takes the address of the row that names it alone."""
        if name not in self._sites:
            fields = {"name": name, "address": address, "country": country}
            self._sites[name] = add_site(self.organization, fields, self._by)
            self.added["site"].append(self._sites[name].pk)
        return self._sites[name]

    def scheme(self, standard: str, named: str) -> Scheme:
        """The scheme a list names, otherwise the usual one of the standard."""
        found = self._titles.get(fold(named)) or self._schemes.get(named)
        return found or self._schemes.get(SCHEME_OF.get(standard, ""), self._schemes[GENERIC])

    def user(self, person: Person | None) -> User | None:
        """The member of the organization who is meant, by mail address."""
        return self._users.get(person.mail.lower()) if person and person.mail else None

    def certificates(self, numbers: tuple[str, ...]) -> list[Certificate]:
        """The certificates with these numbers, with their schemes."""
        return [self._certificates[number_key(number)] for number in numbers]

    def audit(self, number: str | None) -> Audit | None:
        """The audit of this number."""
        return self._audits[number_key(number)] if number else None

    def load_certificates(self) -> None:
        """Read the certificates that rows may refer to, light ones."""
        rows = Certificate.objects.only("number", "organization_id").order_by("pk")
        self._certificates = {number_key(row.number): row for row in rows}

    def load_audits(self) -> None:
        """Read the audits that rows may refer to, light ones."""
        self._audits = {
            number_key(row.number): row for row in Audit.objects.only("number", "organization_id").order_by("pk")
        }
