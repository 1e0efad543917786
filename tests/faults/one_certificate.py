"""One certificate with an open major nonconformity, made inside the installation that will lose it."""

from datetime import timedelta

from accounts import clock, tenancy
from accounts.models import Membership, Organization, User
from accounts.permissions import Role
from certifications import actions as certifications
from certifications.catalog_rows import install_catalog
from certifications.models import Certificate, Scheme
from nonconformities import actions as nonconformities
from records.record import Actor


def make() -> None:
    """Prints the day on which the certificate is suspended if nobody acts, in days from today."""
    organization = Organization.objects.create(name="Halden Group", slug="halden", time_zone="UTC")
    install_catalog(organization)
    marta = User.objects.create_user("marta@halden.example", "not used here", full_name="Marta Zielińska")
    with tenancy.acting_in(organization):
        Membership.objects.create(organization=organization, user=marta, role=Role.COMPLIANCE_OFFICER)
        certificate = register(organization, marta)
        raised_on = clock.today(organization) - timedelta(days=5)
        fields = {"number": "NC-0142", "grade": "major", "raised_on": raised_on, "title": "No record", "owner": marta}
        nonconformities.raise_nonconformity(organization, fields, [certificate], Actor.person(marta))
        certificate.refresh_from_db()
        print((certificate.next_loss_on - clock.today(organization)).days)


def register(organization: Organization, owner: User) -> Certificate:
    """An ISO 9001 certificate, certified a year ago."""
    certified_on = clock.today(organization) - timedelta(days=365)
    fields = {
        "number": "PL-9001",
        "standard": certifications.find_standard(organization, "ISO 9001", Actor.person(owner)),
        "scheme": Scheme.objects.get(catalog_id="iso17021_generic"),
        "certified_on": certified_on,
        "issued_on": certified_on,
        "owner": owner,
    }
    with clock.at(certified_on):
        return certifications.register_certificate(organization, fields, [], Actor.person(owner))
