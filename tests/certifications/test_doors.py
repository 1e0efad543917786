"""Doors of certificates: facts, decisions, corrections, proposals, schemes and editions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts import clock
from accounts.models import Organization, Site
from certifications import actions
from certifications.models import Certificate, Decision
from records.editing import Conflict
from records.models import Event
from tests.factories import BY, certificate, nonconformity, scheme, settled, told


@pytest.fixture(autouse=True)
def spring(acting: Organization) -> Iterator[None]:
    """It is 10 March 2026."""
    with clock.at(date(2026, 3, 10)):
        yield


def errors_of(caught: pytest.ExceptionInfo[ValidationError]) -> set[str]:
    return set(caught.value.message_dict)


def sweep(on: date) -> None:
    """What the job does on a day: judge what is due."""
    with clock.at(on):
        rows = Certificate.objects.filter(next_due_on__lte=on)
        actions.refresh_ids(list(rows.values_list("pk", flat=True)), BY)


# --- register and change -----------------------------------------------------------------------------------------


def test_registering_tells_and_works_out_where_it_stands(acting: Organization) -> None:
    row = certificate(acting, certified_on=date(2025, 5, 2), expires_on=None)
    assert (row.status, row.confirmed_status) == ("active", "active")
    assert row.current_expires_on == date(2028, 5, 1)
    assert told(row.pk) == [("certificate.registered", "2026-03-10"), ("certificate.active", "2025-05-02")]


def test_dates_in_the_wrong_order_name_their_fields(acting: Organization) -> None:
    with pytest.raises(ValidationError) as caught:
        certificate(acting, certified_on=date(2026, 1, 2), issued_on=date(2026, 1, 1), expires_on=date(2025, 12, 31))
    assert errors_of(caught) == {"issued_on", "expires_on"}
    assert Certificate.objects.count() == 0


@pytest.mark.parametrize(("day", "refused"), [(date(2099, 12, 31), False), (date(2100, 1, 1), True)])
def test_years_beyond_the_engines_range_are_refused(acting: Organization, day: date, refused: bool) -> None:
    if refused:
        with pytest.raises(ValidationError) as caught:
            certificate(acting, expires_on=day)
        assert errors_of(caught) == {"expires_on"}
    else:
        assert certificate(acting, expires_on=day).status == "active"


def test_a_number_is_taken_once_in_an_organization(acting: Organization) -> None:
    certificate(acting)
    with pytest.raises(ValidationError):
        certificate(acting)
    assert Certificate.objects.count() == 1


def test_a_second_save_is_refused_with_both_values(acting: Organization) -> None:
    row = certificate(acting)
    actions.change_certificate(row, row.version, {"note": "theirs"}, BY)
    with pytest.raises(Conflict) as caught:
        actions.change_certificate(row, row.version - 1, {"note": "mine"}, BY)
    assert (caught.value.theirs, caught.value.yours) == ({"note": "theirs"}, {"note": "mine"})
    assert Certificate.objects.get().note == "theirs"


def test_a_changed_expiry_moves_the_forecast_and_is_told(acting: Organization) -> None:
    row = certificate(acting)
    changed = actions.change_certificate(row, row.version, {"expires_on": date(2027, 5, 1)}, BY, "Typing error")
    assert changed.next_loss_on == date(2027, 5, 2)
    event = Event.objects.get(kind="certificate.edited")
    assert (event.before, event.after) == ({"expires_on": "2028-05-01"}, {"expires_on": "2027-05-01"})
    assert event.reason == "Typing error"


def test_changed_sites_are_told(acting: Organization) -> None:
    leeds = Site.objects.create(organization=acting, name="Leeds")
    row = certificate(acting)
    actions.change_certificate(row, row.version, {}, BY, sites=[leeds])
    event = Event.objects.get(kind="certificate.sites")
    assert (event.before, event.after) == ({"sites": []}, {"sites": ["Leeds"]})


# --- decisions of the body ---------------------------------------------------------------------------------------


def test_an_illegal_decision_says_what_is_possible_instead(acting: Organization) -> None:
    row = certificate(acting)
    with pytest.raises(actions.Refused) as caught:
        actions.record_decision(row, {"kind": "lift", "decided_on": date(2026, 3, 9)}, BY)
    assert "possible now: Suspend, Withdraw, Recertify" in str(caught.value)
    assert Decision.objects.count() == 0


def test_a_decision_of_tomorrow_cannot_be_recorded(acting: Organization) -> None:
    row = certificate(acting)
    with pytest.raises(ValidationError) as caught:
        actions.record_decision(row, {"kind": "suspend", "decided_on": date(2026, 3, 11)}, BY)
    assert errors_of(caught) == {"decided_on"}


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("extend_suspension", "until"),
        ("transition", "edition"),
        ("transfer", "to_body"),
        ("appeal_outcome", "outcome"),
        ("reduce_scope", "parts"),
    ],
)
def test_a_decision_without_its_own_field_names_it(acting: Organization, kind: str, field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        actions.record_decision(certificate(acting), {"kind": kind, "decided_on": date(2026, 3, 9)}, BY)
    assert errors_of(caught) == {field}


def test_a_preview_shows_what_comes_and_writes_nothing(acting: Organization) -> None:
    row = certificate(acting)
    before = Event.objects.count()
    preview = actions.preview_decision(row, {"kind": "suspend", "decided_on": date(2026, 3, 9), "reason": "voluntary"})
    assert (preview.before.answers[-1].status, preview.after.answers[-1].status) == ("active", "suspended")
    assert preview.forecast_after.loss and preview.forecast_after.loss.date == date(2026, 9, 10)
    assert (Decision.objects.count(), Event.objects.count()) == (0, before)


def test_a_confirmed_suspension_ends_the_difference(acting: Organization) -> None:
    row = certificate(acting)
    nonconformity(acting, [row])
    sweep(date(2026, 6, 9))
    row.refresh_from_db()
    assert (row.status, row.confirmed_status) == ("suspended", "active")
    with clock.at(date(2026, 6, 15)):
        actions.record_decision(row, {"kind": "suspend", "decided_on": date(2026, 6, 15)}, BY)
    assert (row.status, row.confirmed_status) == ("suspended", "suspended")
    assert told(row.pk)[1:] == [("certificate.suspended", "2026-06-09"), ("decision.recorded", "2026-06-15")]


def test_a_struck_decision_is_undone_by_a_correction(acting: Organization) -> None:
    row = certificate(acting)
    decision = actions.record_decision(row, {"kind": "suspend", "decided_on": date(2026, 3, 9)}, BY)
    actions.strike_decision(decision, BY, "Letter was for another holder")
    row.refresh_from_db()
    assert row.status == "active"
    correction = Event.objects.get(kind="certificate.corrected")
    assert (correction.before["status"], correction.after["status"]) == ("suspended", "active")
    assert correction.effective_on == date(2026, 3, 9)
    with pytest.raises(actions.Refused):
        actions.strike_decision(decision, BY, "again")


def test_an_appeal_upheld_allows_the_lift(acting: Organization) -> None:
    row = certificate(acting)
    nonconformity(acting, [row])
    sweep(date(2026, 6, 9))
    with clock.at(date(2026, 7, 1)):
        with pytest.raises(actions.Refused, match="mark it as taken although the rules say otherwise"):
            actions.record_decision(row, {"kind": "lift", "decided_on": date(2026, 7, 1)}, BY)
        actions.record_notice(row, "appeal_filed", date(2026, 6, 20), BY)
        outcome = {"kind": "appeal_outcome", "outcome": "upheld", "decided_on": date(2026, 7, 1)}
        actions.record_decision(row, outcome, BY)
        actions.record_decision(row, {"kind": "lift", "decided_on": date(2026, 7, 1)}, BY)
    assert row.status == "active"


# --- corrections -------------------------------------------------------------------------------------------------


def test_an_on_time_closure_entered_late_is_a_correction(acting: Organization) -> None:
    row = certificate(acting)
    nc = nonconformity(acting, [row])
    sweep(date(2026, 6, 9))
    with clock.at(date(2026, 6, 20)):
        settled(nc, date(2026, 6, 5))
    row.refresh_from_db()
    assert row.status == "active"
    kinds = [kind for kind, _ in told(row.pk)]
    assert kinds == ["certificate.registered", "certificate.suspended", "certificate.corrected"]
    correction = Event.objects.get(kind="certificate.corrected")
    assert correction.effective_on == date(2026, 6, 9)
    assert [move["to"] for move in correction.before["moves"]] == ["suspended"]
    assert (correction.after["moves"], correction.after["known_on"]) == ([], "2026-06-20")
    assert "N1" in correction.reason


def test_a_transition_end_published_late_is_a_correction(acting: Organization) -> None:
    row = certificate(acting, standard="ISO 14001", expires_on=date(2029, 8, 20))
    edition = row.edition
    assert edition is not None
    with clock.at(date(2026, 12, 1)):
        actions.end_edition(edition, date(2026, 10, 31), BY, source="Accreditation body letter")
    row.refresh_from_db()
    assert (row.status, row.current_expires_on) == ("expired", date(2026, 10, 31))
    assert told(row.pk)[-1] == ("certificate.expired", "2026-11-01")


# --- propose and wait --------------------------------------------------------------------------------------------


def test_a_scheme_that_waits_proposes_the_move_once(acting: Organization) -> None:
    generic = scheme()
    actions.set_moving(generic, generic.version, "propose", BY)
    row = certificate(acting)
    nonconformity(acting, [row])
    sweep(date(2026, 6, 9))
    sweep(date(2026, 6, 9))
    row.refresh_from_db()
    assert (row.status, row.proposed_status) == ("active", "suspended")
    assert [e for e in told(row.pk) if "proposed" in e[0]] == [("certificate.move_proposed", "2026-06-09")]


def test_a_confirmed_proposal_moves_with_its_own_date(acting: Organization) -> None:
    generic = scheme()
    actions.set_moving(generic, generic.version, "propose", BY)
    row = certificate(acting)
    nonconformity(acting, [row])
    sweep(date(2026, 6, 9))
    with clock.at(date(2026, 6, 20)):
        row = actions.confirm_move(Certificate.objects.get(), BY)
        with pytest.raises(actions.Refused):
            actions.confirm_move(row, BY)
    assert (row.status, row.proposed_status) == ("suspended", "")
    assert told(row.pk)[-2:] == [("certificate.move_confirmed", "2026-06-20"), ("certificate.suspended", "2026-06-09")]


def test_a_later_decision_settles_what_waited(acting: Organization) -> None:
    generic = scheme()
    actions.set_moving(generic, generic.version, "propose", BY)
    row = certificate(acting)
    nonconformity(acting, [row])
    sweep(date(2026, 6, 9))
    with clock.at(date(2026, 6, 20)):
        lift = {"kind": "lift", "decided_on": date(2026, 6, 20), "override": True}
        actions.record_decision(row, lift, BY)
    assert (row.status, row.proposed_status) == ("active", "")
    assert [move["to"] for move in row.moves] == ["suspended", "active"]


# --- schemes -----------------------------------------------------------------------------------------------------


def test_a_started_clock_keeps_the_numbers_it_started_under(acting: Organization) -> None:
    own = actions.copy_scheme(scheme(), "Nordhaven ISMS scheme", BY)
    row = certificate(acting, scheme=own)
    before = nonconformity(acting, [row], "N1")
    with clock.at(date(2026, 3, 20)):
        actions.publish_version(own, {"nc.major.closure": {"due": "30d"}}, date(2026, 3, 15), "Agreed", BY)
        after = nonconformity(acting, [row], "N2", raised_on=date(2026, 3, 15))
    before.refresh_from_db()
    key = f"certificate:{row.pk}"
    assert (before.due[key]["closure"], after.due[key]["closure"]) == ("2026-06-08", "2026-04-14")


def test_a_wrong_number_names_its_rule(acting: Organization) -> None:
    with pytest.raises(ValidationError) as caught:
        rules = {"suspension": {"limit": "half a year"}, "nc.major.closing": {"due": "90d"}}
        actions.publish_version(scheme(), rules, date(2026, 4, 1), "", BY)
    assert errors_of(caught) == {"suspension.limit", "nc.major.closing.due", "reason"}


def test_a_version_must_follow_the_last_one(acting: Organization) -> None:
    generic = scheme()
    actions.publish_version(generic, {"suspension": {"limit": "3m"}}, date(2026, 4, 1), "Body's letter", BY)
    with pytest.raises(ValidationError) as caught:
        actions.publish_version(generic, {"suspension": {"limit": "4m"}}, date(2026, 4, 1), "Again", BY)
    assert errors_of(caught) == {"effective_on"}


def test_a_copy_brings_all_versions_and_stays_apart(acting: Organization) -> None:
    generic = scheme()
    actions.publish_version(generic, {"suspension": {"limit": "3m"}}, date(2026, 4, 1), "Letter", BY)
    copy = actions.copy_scheme(generic, "Ours", BY)
    actions.publish_version(copy, {"suspension": {"limit": "4m"}}, date(2026, 5, 1), "Letter", BY)
    assert [v.rules for v in copy.versions.all()] == [
        {},
        {"suspension": {"limit": "3m"}},
        {"suspension": {"limit": "4m"}},
    ]
    assert [v.number for v in generic.versions.all()] == [1, 2]
