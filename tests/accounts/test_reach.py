"""What a membership of limited reach sees, and that nothing is worked out from less than everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import tenancy
from accounts.models import Membership, Organization, Site, User
from accounts.permissions import Role
from accounts.reach import is_limited, only_reading, reached_ids
from accounts.tenancy import OrganizationRow
from audits.actions import plan_audit
from audits.models import Audit
from certifications.models import Certificate, CertificateSite, Standard
from nonconformities.actions import add_action, raise_nonconformity
from nonconformities.models import CorrectiveAction, Nonconformity
from records.models import Event
from tests import factories
from tests.conftest import member

# Tables that organizations' members share, whatever they reach: what they may do there is a matter of their role.
OPEN = {
    "ApiKey", "AuditCycle", "Blob", "CertificationBody", "ChainCheck", "HistoryPolicy", "IdempotencyKey", "ImportRun",
    "Invitation", "ReportedChange", "Scheme", "SchemeVersion", "SavedView", "SignedHead", "SingleSignOn", "Webhook",
    "WebhookDelivery",
}  # fmt: skip


@dataclass
class Two:
    """Rotterdam holds ISO 9001, Gdańsk holds ISO 14001; each has an audit, a nonconformity and an action."""

    organization: Organization
    sites: dict[str, Site]
    audits: dict[str, Audit]
    worker: User


@pytest.fixture
def two(acting: Organization) -> Two:
    worker = member(acting, "worker@halden.example", "Worker", Role.CONTRIBUTOR)
    other = member(acting, "other@halden.example", "Other", Role.MANAGER)
    sites, audits = {}, {}
    for place, standard, edition in (("Rotterdam", "ISO 9001", "2015"), ("Gdansk", "ISO 14001", "2015")):
        sites[place] = Site.objects.create(organization=acting, name=place)
        row = factories.certificate(acting, f"C-{place}", standard=standard, edition=edition, sites=[sites[place]])
        fields = {"number": f"A-{place}", "kind": "surveillance", "planned_on": date(2026, 5, 1), "site": sites[place]}
        audits[place] = plan_audit(acting, fields, [row], factories.BY)
        found = factories.nonconformity(acting, [row], f"N-{place}", site=sites[place], audit=audits[place])
        owner = worker if place == "Gdansk" else other
        add_action(found, {"description": f"X-{place}", "owner": owner, "due_on": date(2026, 5, 1)}, factories.BY)
    return Two(acting, sites, audits, worker)


def membership(two: Two, role: Role, **limits: list[int]) -> Membership:
    user = two.worker if role == Role.CONTRIBUTOR else member(two.organization, "some@halden.example", "Some", role)
    row: Membership = Membership.objects.get(user=user)
    row.limits = limits
    row.save()
    return row


def seen(row: Membership) -> dict[str, list[str]]:
    with tenancy.acting_as(row):
        return {
            "certificates": sorted(str(found) for found in Certificate.objects.all()),
            "audits": sorted(str(found) for found in Audit.objects.all()),
            "nonconformities": sorted(str(found) for found in Nonconformity.objects.all()),
            "actions": sorted(str(found) for found in CorrectiveAction.objects.all()),
            "sites": sorted(str(found) for found in CertificateSite.objects.values_list("site__name", flat=True)),
        }


def only(place: str) -> dict[str, list[str]]:
    return {
        "certificates": [f"C-{place}"],
        "audits": [f"A-{place}"],
        "nonconformities": [f"N-{place}"],
        "actions": [f"X-{place}"],
        "sites": [place],
    }


def both() -> dict[str, list[str]]:
    return {name: sorted(only("Gdansk")[name] + only("Rotterdam")[name]) for name in only("Gdansk")}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.CONTRIBUTOR])
def test_without_limits_everything_is_seen(two: Two, role: Role) -> None:
    assert seen(membership(two, role)) == both()


def test_a_limit_to_sites_shows_what_belongs_to_them(two: Two) -> None:
    assert seen(membership(two, Role.MANAGER, sites=[two.sites["Gdansk"].pk])) == only("Gdansk")


def test_a_limit_to_standards_shows_what_is_certified_to_them(two: Two) -> None:
    standard = Standard.objects.get(code="ISO 9001")
    assert seen(membership(two, Role.AUDITOR, standards=[standard.pk])) == only("Rotterdam")


def test_two_limits_hold_together(two: Two) -> None:
    standard = Standard.objects.get(code="ISO 9001")
    limits = {"standards": [standard.pk], "sites": [two.sites["Gdansk"].pk]}
    assert seen(membership(two, Role.VIEWER, **limits)) == {name: [] for name in only("x")}


def test_a_contributor_sees_their_own_work_and_what_it_belongs_to(two: Two) -> None:
    assert seen(membership(two, Role.CONTRIBUTOR)) == only("Gdansk")


def test_a_guest_sees_one_audit_and_what_it_needs(two: Two) -> None:
    guest = membership(two, Role.GUEST_AUDITOR, audits=[two.audits["Rotterdam"].pk])
    assert seen(guest) == only("Rotterdam")
    with tenancy.acting_as(guest):
        assert [str(site) for site in Site.objects.all()] == ["Rotterdam"]
        assert [str(standard) for standard in Standard.objects.all()] == ["ISO 9001"]
        assert [found.user for found in Membership.objects.all()] == [guest.user]


def test_history_and_rows_named_by_type_and_id_follow_what_they_are_about(two: Two) -> None:
    guest = membership(two, Role.GUEST_AUDITOR, audits=[two.audits["Rotterdam"].pk])
    with tenancy.acting_as(guest):
        labels = set(Event.objects.values_list("subject_label", flat=True))
    assert labels == {"C-Rotterdam", "A-Rotterdam", "N-Rotterdam"}


def test_a_limited_person_changes_what_they_reach_and_the_rules_still_know_everything(two: Two) -> None:
    """The certificate has a second major that the site's manager does not see: it stays a reason to suspend."""
    certificate = Certificate.objects.get(number="C-Rotterdam")
    other = raise_nonconformity(
        two.organization,
        {"number": "N-hidden", "grade": "major", "raised_on": date(2026, 3, 10), "title": "hidden",
         "site": two.sites["Gdansk"]},
        [certificate],
        factories.BY,
    )  # fmt: skip
    limited = membership(two, Role.AUDITOR, sites=[two.sites["Rotterdam"].pk])
    with tenancy.acting_as(limited):
        assert not Nonconformity.objects.filter(pk=other.pk).exists()
        action = CorrectiveAction.objects.get()
        assert action.nonconformity.number == "N-Rotterdam"
        fields = {"grade": "minor", "raised_on": date(2026, 3, 11), "title": "third", "site": two.sites["Rotterdam"]}
        raise_nonconformity(two.organization, {"number": "N-third", **fields}, [certificate], factories.BY)
        assert Nonconformity.objects.count() == 2
    assert Certificate.objects.get(pk=certificate.pk).open_nonconformities == 3


@pytest.mark.parametrize("path", ["/certificates/", "/ncs/", "/audits/", "/", "/queue/", "/search/?q=N-"])
def test_pages_show_what_is_reached(two: Two, path: str) -> None:
    client = Client()
    client.force_login(two.worker)
    page = client.get(path).content.decode()
    assert "-Rotterdam" not in page


def test_what_is_out_of_reach_does_not_exist(two: Two) -> None:
    client = Client()
    client.force_login(two.worker)
    pages = {"certificates": Certificate, "ncs": Nonconformity, "audits": Audit}
    answers = {
        (place, str(row)[2:]): client.get(f"/{place}/{row.pk}/").status_code
        for place, model in pages.items()
        for row in model.objects.all()
    }
    assert answers == {(place, name): 200 if name == "Gdansk" else 404 for place, name in answers}


def test_every_table_is_limited_or_known_to_be_shared() -> None:
    """A new table that belongs to no record fails here until somebody has judged who may see it."""
    rows = [model for model in apps.get_models() if issubclass(model, OrganizationRow)]
    assert {model.__name__ for model in rows if not is_limited(model)} == OPEN


sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="elsewhere the ids stay a part of the query")


def test_a_change_reads_what_is_reached_anew(two: Two) -> None:
    limited = membership(two, Role.AUDITOR, sites=[two.sites["Rotterdam"].pk])
    with tenancy.acting_as(limited):
        before = set(reached_ids(Certificate))
        row = factories.certificate(two.organization, "C-new", sites=[two.sites["Rotterdam"]])
        assert set(reached_ids(Certificate)) == {*before, row.pk} != before


def test_while_only_reading_each_scope_and_each_reach_keeps_its_own_ids(two: Two) -> None:
    limited = membership(two, Role.AUDITOR, sites=[two.sites["Rotterdam"].pk])
    with only_reading():
        with tenancy.acting_as(limited):
            assert len(reached_ids(Certificate)) == len(reached_ids(Certificate)) == 1
            with tenancy.whole_organization():
                assert len(reached_ids(Certificate)) == 2
        with tenancy.acting_in(two.organization.pk + 1):
            assert len(reached_ids(Certificate)) == 0


@sqlite_only
def test_while_only_reading_ids_are_read_once(two: Two) -> None:
    limited = membership(two, Role.AUDITOR, sites=[two.sites["Rotterdam"].pk])
    with only_reading(), tenancy.acting_as(limited), CaptureQueriesContext(connection) as queries:
        assert {len(reached_ids(Certificate)) for _ in range(3)} == {1}
    assert len(queries) == 1


@sqlite_only
@pytest.mark.parametrize("place", ["ncs", "audits", "certificates"])
def test_a_page_asks_once_what_a_guest_reaches(two: Two, place: str) -> None:
    guest = membership(two, Role.GUEST_AUDITOR, audits=[two.audits["Rotterdam"].pk])
    rows = {"ncs": Nonconformity, "audits": Audit, "certificates": Certificate}[place].objects.all()
    shown = next(row for row in rows if str(row)[2:] == "Rotterdam")
    client = Client()
    client.force_login(guest.user)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/{place}/{shown.pk}/").status_code == 200
    asked = [query["sql"] for query in queries if 'SELECT "accounts_site"."id" AS "pk"' in query["sql"]]
    assert len(asked) == 1
