"""The walls inside PostgreSQL: every table that carries an organization has them, and they hold on their own."""

from __future__ import annotations

import itertools

import pytest
from django.core import checks
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django.test.utils import isolate_apps

from accounts import tenancy, walls
from accounts.models import Organization, Site
from accounts.tenancy import OrganizationRow
from certifications.models import Certificate, CertificateSite
from tests import factories
from tests.application_role import as_owner

TABLES = walls.organization_models()
postgres = pytest.mark.postgres


def count(table: str) -> int:
    """Rows that the database shows, whatever the application would ask for."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        found: int = cursor.fetchone()[0]
        return found


def answer(sql: str, *params: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def test_no_model_escapes_the_walls() -> None:
    assert walls.check_models() == []
    assert {model for model in TABLES if issubclass(model, OrganizationRow)} >= {Site, Certificate, CertificateSite}


@isolate_apps("accounts", attr_name="apps")
def test_a_table_that_points_at_rows_of_organizations_must_say_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Note(models.Model):
        site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "accounts"

    monkeypatch.setattr(walls.apps, "get_models", lambda **_: [Note])
    assert [(error.id, error.msg) for error in walls.check_models()] == [
        ("accounts.E001", "accounts.Note points at Site and carries no organization.")
    ]
    assert walls.check_models in checks.registry.registry.get_checks()


@postgres
@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_every_table_is_held_by_row_level_security(db: None, model: type[models.Model]) -> None:
    table = model._meta.db_table
    assert answer("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", table) == [
        (True, True)
    ]
    policies = answer(
        "SELECT policyname, permissive, cmd, qual = with_check FROM pg_policies WHERE tablename = %s", table
    )
    assert policies == [(walls.POLICY, "PERMISSIVE", "ALL", True)]


@postgres
@pytest.mark.parametrize("relation", walls.relations(), ids=lambda relation: relation.name)
def test_every_relation_is_held_by_a_key_with_the_organization(db: None, relation: walls.Relation) -> None:
    found = answer(
        """SELECT pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype = 'f' AND conrelid = %s::regclass AND confrelid = %s::regclass AND conname = %s""",
        relation.model._meta.db_table,
        relation.target._meta.db_table,
        relation.name,
    )
    assert [text for (text,) in found] == [
        f"FOREIGN KEY (organization_id, {relation.column}) REFERENCES {relation.target._meta.db_table}"
        f"(organization_id, {relation.target_column}) DEFERRABLE INITIALLY DEFERRED"
    ]


@postgres
def test_walls_that_stand_are_left_alone_and_missing_ones_come_back(db: None) -> None:
    with as_owner() as cursor:
        assert walls.raise_walls() == []
        cursor.execute(f"DROP POLICY {walls.POLICY} ON accounts_site")
        cursor.execute("ALTER TABLE accounts_site NO FORCE ROW LEVEL SECURITY")
        cursor.execute("CREATE POLICY older ON accounts_site USING (true)")
        cursor.execute("ALTER TABLE audits_audit DROP CONSTRAINT audits_audit_own_wall CASCADE")
        cursor.execute("ALTER TABLE audits_audit ADD CONSTRAINT stale_wall UNIQUE (organization_id, id, number)")
        assert walls.raise_walls() != []
        assert walls.raise_walls() == []
    assert answer("SELECT policyname FROM pg_policies WHERE tablename = 'accounts_site'") == [(walls.POLICY,)]
    assert answer("SELECT conname FROM pg_constraint WHERE conname = 'stale_wall'") == []
    audits = [r.name for r in walls.relations() if r.target._meta.db_table == "audits_audit"]
    assert answer("SELECT count(*) FROM pg_constraint WHERE conname = ANY(%s)", audits) == [(len(audits),)]


@postgres
def test_a_connection_without_an_organization_sees_and_writes_nothing(organization: Organization) -> None:
    with tenancy.acting_in(organization):
        Site.objects.create(organization=organization, name="Plant")
        assert count("accounts_site") == 1
    assert count("accounts_site") == 0
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        models.QuerySet(Site).bulk_create([Site(organization=organization, name="Other")])


@postgres
def test_row_level_security_alone_keeps_organizations_apart(
    organization: Organization, other_organization: Organization
) -> None:
    for owner in (organization, other_organization):
        with tenancy.acting_in(owner):
            factories.certificate(owner)
    with tenancy.across_organizations():
        everything = {model: count(model._meta.db_table) for model in TABLES}
    for owner in (organization, other_organization):
        for model in TABLES:
            with tenancy.across_organizations():
                own = model._base_manager.filter(organization=owner).count()
            with tenancy.acting_in(owner):
                assert count(model._meta.db_table) == own, model
    assert everything[Certificate] == 2


@postgres
def test_a_row_cannot_be_written_for_moved_to_or_read_from_another_organization(
    organization: Organization, other_organization: Organization
) -> None:
    with tenancy.acting_in(other_organization):
        foreign = Site.objects.create(organization=other_organization, name="Foreign")
    with tenancy.acting_in(organization):
        own = Site.objects.create(organization=organization, name="Own")
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Site.objects.create(organization=other_organization, name="Smuggled")
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Site._base_manager.filter(pk=own.pk).update(organization=other_organization)
        assert Site._base_manager.filter(pk=foreign.pk).update(name="Taken") == 0
        assert Site._base_manager.filter(pk=foreign.pk).delete()[0] == 0


@postgres
def test_a_row_cannot_point_into_another_organization_even_for_the_operator(
    organization: Organization, other_organization: Organization
) -> None:
    with tenancy.acting_in(other_organization):
        foreign = Site.objects.create(organization=other_organization, name="Foreign")
    with tenancy.acting_in(organization):
        certificate = factories.certificate(organization)
    for scope in (tenancy.acting_in(organization), tenancy.across_organizations()):
        with scope, pytest.raises(IntegrityError, match="_wall"), transaction.atomic():
            CertificateSite.objects.create(organization=organization, certificate=certificate, site=foreign)
            connection.check_constraints()


@postgres
def test_acting_across_organizations_takes_a_right_of_the_database(organization: Organization) -> None:
    with tenancy.acting_in(organization):
        Site.objects.create(organization=organization, name="Plant")
    with tenancy.across_organizations():
        assert count("accounts_site") == 1
    with as_owner() as cursor:
        cursor.execute(f"REVOKE EXECUTE ON FUNCTION {walls.OPERATOR}() FROM isotrack_tests")
    with tenancy.acting_in(organization):
        assert count("accounts_site") == 1
    with (
        tenancy.across_organizations(),
        pytest.raises(ProgrammingError, match=walls.OPERATOR),
        transaction.atomic(),
    ):
        count("accounts_site")


@postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("atomic", [True, False], ids=["in transactions", "statement by statement"])
def test_a_connection_that_is_used_again_remembers_no_organization(atomic: bool) -> None:
    owners = [Organization.objects.create(name=name, slug=name) for name in ("one", "two")]
    for place, owner in enumerate(owners):
        with tenancy.acting_in(owner):
            Site.objects.bulk_create([Site(organization=owner, name=str(n)) for n in range(place + 1)])
    process = answer("SELECT pg_backend_pid()")
    for place, owner in itertools.islice(itertools.cycle(enumerate(owners)), 5000):
        with tenancy.acting_in(owner):
            if atomic:
                with transaction.atomic():
                    assert count("accounts_site") == place + 1
            else:
                assert count("accounts_site") == place + 1
        assert count("accounts_site") == 0
    assert answer("SELECT pg_backend_pid()") == process


@postgres
@pytest.mark.django_db(transaction=True)
def test_rows_read_in_portions_are_those_of_the_scope() -> None:
    owners = [Organization.objects.create(name=name, slug=name) for name in ("one", "two")]
    for owner in owners:
        with tenancy.acting_in(owner):
            Site.objects.bulk_create([Site(organization=owner, name=f"{owner} {n}") for n in range(30)])
    for owner in owners:
        with tenancy.acting_in(owner):
            outside = {site.name for site in Site._base_manager.iterator(chunk_size=7)}
            with transaction.atomic():
                inside = {site.name for site in Site._base_manager.iterator(chunk_size=7)}
        assert outside == inside == {f"{owner} {n}" for n in range(30)}
    assert count("accounts_site") == 0


@postgres
def test_a_refused_statement_does_not_take_the_scope_with_it(organization: Organization) -> None:
    with tenancy.acting_in(organization):
        Site.objects.create(organization=organization, name="Plant")
        with pytest.raises(IntegrityError), transaction.atomic():
            Site.objects.create(organization=organization, name="Plant")
        assert count("accounts_site") == 1
