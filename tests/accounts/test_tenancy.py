"""The first wall: rows are read only inside a named organization."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts import tenancy
from accounts.middleware import SESSION_KEY
from accounts.models import Membership, Organization, Site, User
from accounts.permissions import Role
from accounts.tenancy import OrganizationRequired, OrganizationRow
from certifications.models import Certificate
from tests import factories
from tests.architecture.source import ROOT
from tests.conftest import member

BUSINESS = [model for model in apps.get_models() if issubclass(model, OrganizationRow)]


@pytest.mark.parametrize("model", BUSINESS, ids=lambda model: model.__name__)
def test_every_business_table_refuses_to_be_read_without_an_organization(model: type[OrganizationRow]) -> None:
    with pytest.raises(OrganizationRequired, match=model.__name__):
        model.objects.all()


def test_every_table_of_ours_is_a_business_table_or_known_not_to_be() -> None:
    ours = {path.parent.name for path in ROOT.glob("*/apps.py")}
    shared = {model.__name__ for model in apps.get_models() if model._meta.app_label in ours} - {
        model.__name__ for model in BUSINESS
    }
    assert shared == {"User", "Organization", "RateCounter", "EventCounter", "SweepRun"}


def test_a_scope_shows_only_its_own_rows(organization: Organization, other_organization: Organization) -> None:
    for owner in (organization, other_organization):
        with tenancy.acting_in(owner):
            Site.objects.create(organization=owner, name=f"Plant of {owner}")
    with tenancy.acting_in(organization):
        assert [site.name for site in Site.objects.all()] == ["Plant of Halden Group"]
        with tenancy.acting_in(other_organization):
            assert [site.name for site in Site.objects.all()] == ["Plant of Ostrava Works"]
        assert Site.objects.count() == 1
    with tenancy.across_organizations():
        assert Site.objects.count() == 2


def test_a_row_is_not_written_reached_or_removed_outside_a_scope(organization: Organization) -> None:
    with tenancy.acting_in(organization):
        site = Site.objects.create(organization=organization, name="Plant")
        scheme_id = factories.scheme().pk
    certificate = Certificate(organization=organization, scheme_id=scheme_id)
    for act in (
        Site(organization=organization, name="Other").save,
        site.save,
        site.refresh_from_db,
        site.delete,
        lambda: certificate.scheme,
        lambda: site.certificate_links.all(),
    ):
        with pytest.raises(OrganizationRequired):
            act()


def test_a_scope_closes_after_an_error(organization: Organization) -> None:
    with pytest.raises(ZeroDivisionError), tenancy.acting_in(organization):
        _ = 1 / 0
    assert tenancy.current() is None


def test_a_request_acts_in_the_first_organization_or_the_one_chosen(
    organization: Organization, other_organization: Organization, officer: User, client: Client
) -> None:
    with tenancy.acting_in(other_organization):
        Membership.objects.create(organization=other_organization, user=officer, role=Role.VIEWER)
    client.force_login(officer)
    assert client.get("/").wsgi_request.organization == organization  # type: ignore[attr-defined]
    session = client.session
    session[SESSION_KEY] = other_organization.pk
    session.save()
    assert client.get("/").wsgi_request.organization == other_organization  # type: ignore[attr-defined]
    assert tenancy.current() is None


def test_a_chosen_organization_one_does_not_belong_to_is_ignored(
    organization: Organization, other_organization: Organization, officer: User, client: Client
) -> None:
    client.force_login(officer)
    session = client.session
    session[SESSION_KEY] = other_organization.pk
    session.save()
    assert client.get("/").wsgi_request.organization == organization  # type: ignore[attr-defined]


def test_a_person_without_an_organization_is_told_whom_to_ask(db: None, client: Client) -> None:
    client.force_login(User.objects.create_user("new@x.example", "secret-secret", full_name="New"))
    page = client.get("/certificates/")
    assert page.status_code == 403
    assert "Ask your administrator" in page.content.decode()


@pytest.mark.parametrize("path", ["/", "/certificates/", "/ncs/", "/audits/", "/queue/", "/outbox/"])
def test_nobody_looks_in_without_signing_in(db: None, client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in/")


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ADMINISTRATOR, 200), (Role.COMPLIANCE_OFFICER, 200), (Role.VIEWER, 403), (Role.MANAGER, 403)],
)
def test_adding_a_certificate_takes_the_role_for_it(
    organization: Organization, client: Client, role: Role, status: int
) -> None:
    client.force_login(member(organization, f"{role}@x.example", "Somebody", role))
    assert client.get("/certificates/new/").status_code == status


def operator() -> User:
    """A superuser with a second factor."""
    root = User.objects.create_superuser("root@x.example", "secret-secret", full_name="Root")
    Authenticator.objects.create(user=root, type=Authenticator.Type.TOTP, data={})
    return root


def test_operators_see_all_organizations_in_the_admin_and_nobody_else_does(
    organization: Organization, other_organization: Organization, officer: User, client: Client
) -> None:
    client.force_login(officer)
    assert client.get("/admin/certifications/scheme/").status_code == 302
    client.force_login(operator())
    page = client.get("/admin/certifications/scheme/").content.decode()
    assert (page.count("Halden Group") > 0, page.count("Ostrava Works") > 0) == (True, True)


@pytest.mark.parametrize(
    "model", [m for m in apps.get_models() if admin.site.is_registered(m)], ids=lambda m: m.__name__
)
def test_operators_pages_open(organization: Organization, client: Client, model: type[Model]) -> None:
    client.force_login(operator())
    meta = model._meta
    assert client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")).status_code == 200
