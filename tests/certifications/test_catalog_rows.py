"""What a new organization is given."""

from __future__ import annotations

from accounts import tenancy
from accounts.models import Organization
from certifications.models import Clause, Edition
from tests import quick_catalog


def clauses_of(organization: Organization) -> list[tuple[str, str, str, str]]:
    with tenancy.acting_in(organization):
        rows = Clause.objects.order_by("edition__standard__code", "edition__name", "number")
        return list(rows.values_list("edition__standard__code", "edition__name", "number", "title"))


def test_the_tests_are_given_the_clauses_that_the_product_gives(organization: Organization) -> None:
    given = clauses_of(organization)
    with tenancy.acting_in(organization):
        Clause.objects.all().delete()
        editions = {(row.standard.code, row.name): row for row in Edition.objects.select_related("standard")}
        quick_catalog.as_the_product_does(organization, editions)
    assert len(given) > 600
    assert clauses_of(organization) == given
