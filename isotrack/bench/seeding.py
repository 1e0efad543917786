"""A database full of certificates, made from a few that went through the doors.

Two certificates are registered and judged as people and the scheduler would do it: one whose major nonconformity was
due yesterday, and a calm one. SQL then copies their rows, with every number and reference of its own.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection, transaction

from accounts import clock, tenancy
from accounts.models import Membership, Organization, Site, User
from accounts.permissions import Role
from audits.actions import hold_audit, plan_audit
from certifications import actions
from certifications.catalog_rows import install_catalog
from certifications.models import Certificate, Scheme
from nonconformities import actions as nonconformities
from records.models import ActorKind
from records.record import Actor

BY = Actor(ActorKind.PERSON, None, "Benchmark")
ORGANIZATIONS = 20


def seed(certificates: int, due: int, organizations: int = ORGANIZATIONS) -> date:
    """Fill the empty database with certificates of which so many are due today, and return today.

    Each has three nonconformities; those that are due have two audits as well.
    """
    today = clock.today()
    for organization in [_organization(number) for number in range(organizations)]:
        with tenancy.acting_in(organization):
            _prototype(organization, "DUE", today, suspended_on=today)
            _prototype(organization, "CALM", today, suspended_on=None)
    _multiply("DUE", 1, due // organizations - 1, with_audits=True)
    grow(certificates)
    return today


def grow(certificates: int) -> None:
    """Add calm certificates until there are so many; they carry no audits, only their nonconformities."""
    with tenancy.across_organizations():
        missing = certificates - Certificate.objects.count()
        calm, organizations = (
            Certificate.objects.filter(number__startswith="CALM").count(),
            Organization.objects.count(),
        )
    first = calm // organizations
    _multiply("CALM", first, first + missing // organizations - 1, with_audits=False)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _organization(number: int) -> Organization:
    organization = Organization.objects.create(name=f"Holder {number}", slug=f"holder-{number}", time_zone="UTC")
    install_catalog(organization)
    user = User.objects.create_user(f"officer-{number}@holder.example", full_name=f"Officer {number}")
    with tenancy.acting_in(organization):
        Membership.objects.create(organization=organization, user=user, role=Role.COMPLIANCE_OFFICER)
        Site.objects.create(organization=organization, name="Works")
    return organization


def _prototype(organization: Organization, number: str, today: date, suspended_on: date | None) -> None:
    """One certificate certified two years ago; with ``suspended_on`` a major stays open until its day."""
    owner = Membership.objects.get(organization=organization).user
    began = today - timedelta(days=700)
    with clock.at(began):
        standard = actions.find_standard(organization, "ISO 9001", BY)
        fields = {
            "number": number,
            "standard": standard,
            "edition": actions.find_edition(standard, "2015", BY),
            "scheme": Scheme.objects.get(catalog_id="iso17021_generic"),
            "certified_on": began,
            "owner": owner,
        }
        row = actions.register_certificate(organization, fields, list(Site.objects.all()), BY)
    for year, days in enumerate((400, 120)):
        _audit(organization, row, f"{number}-A{year}", today - timedelta(days=days))
    for place, days in enumerate((390, 300)):
        _nonconformity(organization, row, owner, f"{number}-N{place}", today - timedelta(days=days), closed=True)
    last = suspended_on - timedelta(days=91) if suspended_on else today - timedelta(days=80)
    _nonconformity(organization, row, owner, f"{number}-N2", last, closed=suspended_on is None)
    while (day := Certificate.objects.values_list("next_due_on", flat=True).get(pk=row.pk)) and day < today:
        with clock.at(day), transaction.atomic():
            actions.refresh_ids([row.pk], BY)


def _audit(organization: Organization, row: Certificate, number: str, held_on: date) -> None:
    with clock.at(held_on):
        fields = {"number": number, "kind": "surveillance", "planned_on": held_on, "planned_until": held_on}
        hold_audit(plan_audit(organization, fields, [row], BY), held_on, BY, held_on)


def _nonconformity(
    organization: Organization, row: Certificate, owner: User, number: str, raised_on: date, closed: bool
) -> None:
    with clock.at(raised_on):
        fields = {"number": number, "grade": "major", "raised_on": raised_on, "title": number, "owner": owner}
        made = nonconformities.raise_nonconformity(organization, fields, [row], BY)
    with clock.at(raised_on + timedelta(days=20)):
        planned_on = raised_on + timedelta(days=20)
        fields = {"description": "Describe the step", "owner": owner, "due_on": planned_on}
        action = nonconformities.add_action(made, fields, BY)
        nonconformities.submit_plan(made, "The step was not described", planned_on, BY)
        nonconformities.complete_corrective_action(action, planned_on, BY)
    if closed:
        with clock.at(raised_on + timedelta(days=60)):
            nonconformities.verify(made, raised_on + timedelta(days=60), "effective", BY)


# Which row each copy comes from and the id it gets.
MAPS = """
CREATE TEMP TABLE certificate_copy ON COMMIT DROP AS
  SELECT row.id AS old, nextval(pg_get_serial_sequence('certifications_certificate', 'id')) AS new, i,
         row.number AS name, row.number || '-' || i AS new_name
  FROM certifications_certificate row, generate_series(%(first)s, %(last)s) i WHERE row.number = %(kind)s;
CREATE TEMP TABLE nc_copy ON COMMIT DROP AS
  SELECT link.nonconformity_id AS old, nextval(pg_get_serial_sequence('nonconformities_nonconformity', 'id')) AS new,
         map.old AS certificate_old, map.new AS certificate_new, map.i
  FROM nonconformities_nonconformitycertificate link JOIN certificate_copy map ON map.old = link.certificate_id;
CREATE TEMP TABLE audit_copy ON COMMIT DROP AS
  SELECT link.audit_id AS old, nextval(pg_get_serial_sequence('audits_audit', 'id')) AS new,
         map.new AS certificate_new, map.i
  FROM audits_auditcertificate link JOIN certificate_copy map ON map.old = link.certificate_id
  WHERE %(audits)s;
CREATE INDEX ON nc_copy (certificate_new, new DESC);
ANALYZE certificate_copy, nc_copy, audit_copy;
"""
# Table, the map its copies come from, and what differs in a copy; ``id`` of link tables comes from their sequence.
COPIES: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "certifications_certificate",
        "certificate_copy map ON map.old = row.id "
        "LEFT JOIN LATERAL (SELECT old, new FROM nc_copy WHERE certificate_new = map.new ORDER BY new DESC LIMIT 1) nc "
        "ON true",
        {
            "id": "map.new",
            "number": "map.new_name",
            "current_number": "map.new_name",
            "moves": "replace(row.moves::text, '\"' || map.name || '\"', '\"' || map.new_name || '\"')::jsonb",
            "next_loss": "replace(replace(row.next_loss::text, 'nc:' || nc.old, 'nc:' || nc.new), "
            "'\"' || map.name || '\"', '\"' || map.new_name || '\"')::jsonb",
        },
    ),
    (
        "nonconformities_nonconformity",
        "nc_copy map ON map.old = row.id",
        {
            "id": "map.new",
            "number": "row.number || '-' || map.i",
            "due": "replace(row.due::text, 'certificate:' || map.certificate_old || '\"', "
            "'certificate:' || map.certificate_new || '\"')::jsonb",
        },
    ),
    (
        "nonconformities_nonconformitycertificate",
        "nc_copy map ON map.old = row.nonconformity_id",
        {
            "id": "nextval(pg_get_serial_sequence('nonconformities_nonconformitycertificate', 'id'))",
            "nonconformity_id": "map.new",
            "certificate_id": "map.certificate_new",
        },
    ),
    ("audits_audit", "audit_copy map ON map.old = row.id", {"id": "map.new", "number": "row.number || '-' || map.i"}),
    (
        "audits_auditcertificate",
        "audit_copy map ON map.old = row.audit_id",
        {
            "id": "nextval(pg_get_serial_sequence('audits_auditcertificate', 'id'))",
            "audit_id": "map.new",
            "certificate_id": "map.certificate_new",
        },
    ),
    (
        "certifications_certificatesite",
        "certificate_copy map ON map.old = row.certificate_id",
        {"id": "nextval(pg_get_serial_sequence('certifications_certificatesite', 'id'))", "certificate_id": "map.new"},
    ),
)


def _multiply(kind: str, first: int, last: int, with_audits: bool) -> None:
    """Copies of each organization's prototype of a kind, numbered from first to last, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # keys are right by construction: no checks
        cursor.execute(MAPS, {"kind": kind, "first": first, "last": last, "audits": with_audits})
        for table, join, changed in COPIES:
            columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
            chosen = ", ".join(changed.get(name, f"row.{name}") for name in columns)
            cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM {table} row JOIN {join}")
