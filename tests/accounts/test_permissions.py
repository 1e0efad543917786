"""One table says who may do what."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Membership
from accounts.permissions import ALLOWED, OF_THE_WHOLE, REACHES, Capability, Role, may
from tests.architecture.source import ROOT

C = Capability
ADMINISTRATOR, OFFICER, AUDITOR, MANAGER, CONTRIBUTOR, VIEWER, GUEST = Role
EDITORS = {ADMINISTRATOR, OFFICER}


def test_every_role_stands_in_the_table_and_may_look() -> None:
    assert set(ALLOWED) == set(REACHES) == set(Role)
    assert [role for role in Role if not may(role, C.VIEW)] == []


@pytest.mark.parametrize("capability", Capability)
def test_without_a_role_nothing_is_allowed(capability: Capability) -> None:
    assert may(None, capability) is False


EXPECTED = {
    C.VIEW: set(Role),
    C.VIEW_ORGANIZATION: set(Role) - {CONTRIBUTOR, GUEST},
    C.EDIT_CERTIFICATES: EDITORS,
    C.REPORT_CHANGES: EDITORS | {AUDITOR, MANAGER, CONTRIBUTOR},
    C.EDIT_AUDITS: EDITORS | {AUDITOR},
    C.CAPTURE: EDITORS | {AUDITOR, GUEST},
    C.EDIT_NONCONFORMITIES: EDITORS | {AUDITOR, CONTRIBUTOR},
    C.CLOSE_NONCONFORMITIES: EDITORS | {AUDITOR},
    C.EDIT_SCHEMES: EDITORS,
    C.EDIT_ALERTS: EDITORS,
    C.IMPORT: EDITORS,
    C.EXPORT: EDITORS | {AUDITOR, MANAGER},
    C.READ_OUTBOX: EDITORS,
    C.MANAGE: {ADMINISTRATOR},
}


@pytest.mark.parametrize("capability", EXPECTED)
def test_who_may(capability: Capability) -> None:
    assert {role for role in Role if may(role, capability)} == EXPECTED[capability]


@pytest.mark.parametrize("capability", Capability)
def test_a_limited_membership_may_not_do_what_concerns_the_whole_organization(capability: Capability) -> None:
    for role in set(Role) - {ADMINISTRATOR}:
        limited = Membership(role=role, limits={"sites": [1]})
        assert limited.may(capability) == (may(role, capability) and capability not in OF_THE_WHOLE)
        assert Membership(role=role).may(capability) == may(role, capability)


def test_the_docs_show_the_table() -> None:
    printed = StringIO()
    call_command("permissions", stdout=printed)
    assert printed.getvalue() == (ROOT / "docs/permissions.md").read_text()
