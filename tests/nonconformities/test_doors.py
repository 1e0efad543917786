"""Doors of nonconformities and corrective actions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts import clock
from accounts.models import Organization, Site, User
from audits.actions import hold_audit, plan_audit, record_audit, refuse_audit, start_audit
from certifications.actions import Refused, publish_version
from certifications.models import Certificate
from nonconformities import actions
from nonconformities.models import Nonconformity
from records.editing import Conflict
from tests.factories import BY, certificate, done, nonconformity, planned, scheme, settled, told


@pytest.fixture(autouse=True)
def april(acting: Organization) -> Iterator[None]:
    """It is 10 April 2026."""
    with clock.at(date(2026, 4, 10)):
        yield


@pytest.fixture
def row(acting: Organization) -> Certificate:
    return certificate(acting)


@pytest.fixture
def nc(acting: Organization, row: Certificate) -> Nonconformity:
    return nonconformity(acting, [row])


def errors_of(caught: pytest.ExceptionInfo[ValidationError]) -> set[str]:
    return set(caught.value.message_dict)


def test_raising_starts_the_clocks_of_the_certificates_scheme(nc: Nonconformity, row: Certificate) -> None:
    row.refresh_from_db()
    assert nc.due[f"certificate:{row.pk}"] == {
        "response": "2026-04-09",
        "plan": None,
        "action": None,
        "closure": "2026-06-08",
    }
    assert (nc.state, nc.stage, nc.next_step_due_on) == ("open", "raised", date(2026, 4, 9))
    assert (row.next_loss_on, row.open_nonconformities) == (date(2026, 6, 9), 1)


def test_one_nonconformity_is_judged_by_each_certificates_own_scheme(acting: Organization, row: Certificate) -> None:
    food = certificate(acting, "F1", scheme=scheme("fssc_22000_v6"))
    nc = nonconformity(acting, [row, food])
    closures = {key: due["closure"] for key, due in nc.due.items()}
    assert closures == {f"certificate:{row.pk}": "2026-06-08", f"certificate:{food.pk}": "2026-04-07"}
    food.refresh_from_db()
    assert food.status == "suspended"


@pytest.mark.parametrize("source", ["internal_audit", "complaint", "incident", "supplier", "review"])
def test_what_no_body_raised_runs_on_own_deadlines(acting: Organization, row: Certificate, source: str) -> None:
    nc = nonconformity(acting, [row], source=source)
    row.refresh_from_db()
    assert nc.due == {"own": {"response": "2026-03-24", "plan": None, "action": None, "closure": "2026-05-09"}}
    assert nc.next_due_on is not None
    assert (row.next_loss_on, row.open_nonconformities) == (date(2028, 5, 2), 0)


@pytest.fixture
def iatf(acting: Organization) -> Certificate:
    """A certificate whose scheme wants majors looked at again in an audit."""
    return certificate(acting, "I1", scheme=scheme("iatf_rules_6"))


def worked_on(nc: Nonconformity) -> Nonconformity:
    """Planned, accepted and carried out; verification is next."""
    accepted = actions.accept_plan(planned(nc, "Instruction missing", date(2026, 3, 20)), date(2026, 3, 25), BY)
    return done(accepted, date(2026, 4, 2))


def test_no_closure_before_the_follow_up_audit_that_the_scheme_wants(acting: Organization, iatf: Certificate) -> None:
    nc = worked_on(nonconformity(acting, [iatf]))
    with pytest.raises(Refused, match="none is booked"):
        actions.verify(nc, date(2026, 4, 8), "effective", BY)
    audit = plan_audit(acting, {"number": "F-1", "kind": "follow_up", "planned_on": date(2026, 4, 7)}, [iatf], BY)
    with pytest.raises(Refused, match="F-1 has not begun by 8 Apr 2026"):
        actions.verify(nc, date(2026, 4, 8), "effective", BY)
    start_audit(audit, date(2026, 4, 7), BY)
    assert actions.verify(nc, date(2026, 4, 8), "effective", BY).state == "closed"


def test_without_a_follow_up_audit_the_action_may_still_be_found_wanting(
    acting: Organization, iatf: Certificate
) -> None:
    nc = worked_on(nonconformity(acting, [iatf]))
    assert actions.verify(nc, date(2026, 4, 8), "not_effective", BY, note="No record").stage == "accepted"


def test_a_refused_follow_up_audit_or_one_of_before_does_not_count(acting: Organization, iatf: Certificate) -> None:
    before = plan_audit(acting, {"number": "F-0", "kind": "special", "planned_on": date(2026, 3, 1)}, [iatf], BY)
    hold_audit(before, date(2026, 3, 2), BY)
    nc = worked_on(nonconformity(acting, [iatf]))
    refused = plan_audit(acting, {"number": "F-1", "kind": "special", "planned_on": date(2026, 4, 7)}, [iatf], BY)
    refuse_audit(refused, "No time", BY)
    with pytest.raises(Refused, match="none is booked"):
        actions.verify(nc, date(2026, 4, 8), "effective", BY)


def test_what_no_body_raised_is_followed_up_by_any_later_audit_of_its_site(acting: Organization) -> None:
    own = scheme("own_deadlines")
    publish_version(
        own, {"nc.major.work": {"follow_up_audit": True, "effectiveness": False}}, date(2026, 1, 1), "Once more", BY
    )
    graz, porto = (Site.objects.create(organization=acting, name=name) for name in ("Graz", "Porto"))
    nc = worked_on(nonconformity(acting, [], source="internal_audit", site=graz))
    for number, site in (("I-1", porto), ("I-2", graz)):
        with pytest.raises(Refused, match="none is booked"):
            actions.verify(nc, date(2026, 4, 8), "effective", BY)
        fields = {"number": number, "kind": "internal", "site": site, "started_on": date(2026, 4, 7)}
        record_audit(acting, fields, [], BY)
    assert actions.verify(nc, date(2026, 4, 8), "effective", BY).state == "closed"


def test_a_grade_the_scheme_does_not_know_is_refused(acting: Organization, row: Certificate) -> None:
    with pytest.raises(ValidationError) as caught:
        nonconformity(acting, [row], grade="critical")
    assert errors_of(caught) == {"grade"}


def test_a_body_nonconformity_needs_a_certificate(acting: Organization) -> None:
    with pytest.raises(ValidationError) as caught:
        nonconformity(acting, [])
    assert errors_of(caught) == {"certificates"}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"raised_on": date(2026, 4, 11)}, {"raised_on"}),
        ({"raised_on": date(2026, 4, 10)}, set()),
        ({"notified_on": date(2026, 3, 9)}, {"notified_on"}),
        ({"notified_on": date(2026, 3, 10)}, set()),
    ],
)
def test_days_of_raising(acting: Organization, row: Certificate, fields: dict[str, Any], wrong: set[str]) -> None:
    if wrong:
        with pytest.raises(ValidationError) as caught:
            nonconformity(acting, [row], **fields)
        assert errors_of(caught) == wrong
    else:
        assert nonconformity(acting, [row], **fields).state == "open"


def test_the_whole_way_to_closure(nc: Nonconformity, officer: User, row: Certificate) -> None:
    action = actions.add_action(nc, {"description": "Write it", "owner": officer, "due_on": date(2026, 4, 5)}, BY)
    nc = actions.submit_plan(nc, "Instruction missing", date(2026, 3, 20), BY)
    nc = actions.accept_plan(nc, date(2026, 3, 25), BY)
    with pytest.raises(Refused, match="still open"):
        actions.complete_action(nc, date(2026, 4, 2), BY)
    actions.complete_corrective_action(action, date(2026, 4, 1), BY)
    nc = actions.complete_action(nc, date(2026, 4, 2), BY)
    nc = actions.verify(nc, date(2026, 4, 8), "effective", BY, "K. Brandt", "Seen at line 3")
    assert (nc.stage, nc.state, nc.closed_on) == ("closed", "closed", date(2026, 4, 8))
    row.refresh_from_db()
    assert (row.next_loss_on, row.open_nonconformities) == (date(2028, 5, 2), 0)
    kinds = [kind.removeprefix("nonconformity.") for kind, _ in told(nc.pk, "nonconformity")]
    assert kinds == [
        "raised",
        "action.added",
        "step.submitted",
        "submit_plan",
        "accept_plan",
        "action.done",
        "complete_action",
        "verify_effective",
    ]


def test_a_plan_without_root_cause_is_refused(nc: Nonconformity) -> None:
    with pytest.raises(ValidationError) as caught:
        actions.submit_plan(nc, "  ", date(2026, 3, 20), BY)
    assert errors_of(caught) == {"root_cause"}


def test_a_returned_plan_counts_as_not_submitted(nc: Nonconformity) -> None:
    nc = planned(nc, "Human error", date(2026, 3, 20))
    nc = actions.return_plan(nc, date(2026, 3, 22), "A person is not a cause", BY)
    assert (nc.stage, nc.plan_submitted_on, nc.root_cause) == ("raised", None, "Human error")


def test_an_illegal_move_says_what_is_possible(nc: Nonconformity) -> None:
    with pytest.raises(Refused) as caught:
        actions.accept_plan(nc, date(2026, 3, 25), BY)
    assert "Possible now: submit plan, verify: effective." in str(caught.value)


@pytest.mark.parametrize(
    ("day", "wrong"), [(date(2026, 3, 9), True), (date(2026, 3, 10), False), (date(2026, 4, 11), True)]
)
def test_days_of_closing(acting: Organization, row: Certificate, day: date, wrong: bool) -> None:
    nc = nonconformity(acting, [row], grade="minor")
    if wrong:
        with pytest.raises(ValidationError) as caught:
            actions.close(nc, day, BY)
        assert errors_of(caught) == {"closed_on"}
    else:
        assert actions.close(nc, day, BY).closed_on == day


def test_a_closure_is_refused_while_an_action_is_open(nc: Nonconformity, officer: User) -> None:
    action = actions.add_action(nc, {"description": "Do", "owner": officer, "due_on": date(2026, 5, 1)}, BY)
    with pytest.raises(Refused, match="open corrective actions"):
        actions.verify(nc, date(2026, 4, 1), "effective", BY)
    actions.cancel_action(action, "Not needed", BY)
    assert actions.verify(nc, date(2026, 4, 1), "effective", BY).state == "closed"


def test_a_closure_taken_back_opens_it_again(nc: Nonconformity, row: Certificate) -> None:
    nc = settled(nc, date(2026, 4, 1))
    nc = actions.reopen(nc, "Wrong number typed", BY)
    row.refresh_from_db()
    assert (nc.state, nc.stage, row.next_loss_on) == ("open", "done", date(2026, 6, 9))


def test_a_verification_by_mistake_is_struck_with_the_closure(nc: Nonconformity, row: Certificate) -> None:
    nc = actions.verify(nc, date(2026, 4, 1), "effective", BY)
    nc = actions.reopen(nc, "Another nonconformity was meant", BY)
    row.refresh_from_db()
    assert (nc.state, nc.stage, row.next_loss_on) == ("open", "done", date(2026, 6, 9))
    assert nc.verifications.get().struck_on == date(2026, 4, 10)
    assert actions.verify(nc, date(2026, 4, 2), "effective", BY).closed_on == date(2026, 4, 2)


def test_a_failed_verification_leads_back_to_the_action(nc: Nonconformity) -> None:
    nc = actions.accept_plan(planned(nc, "Cause", date(2026, 3, 12)), date(2026, 3, 13), BY)
    nc = done(nc, date(2026, 3, 14))
    nc = actions.verify(nc, date(2026, 4, 1), "not_effective", BY)
    assert (nc.stage, nc.state, nc.action_done_on) == ("accepted", "open", None)
    assert nc.verifications.count() == 1


@pytest.mark.parametrize(
    ("granted", "due", "wrong"),
    [
        (date(2026, 4, 10), date(2026, 6, 9), None),
        (date(2026, 4, 10), date(2026, 6, 8), "due_on"),
        (date(2026, 4, 11), date(2026, 7, 8), "granted_on"),
        (date(2026, 3, 9), date(2026, 7, 8), "granted_on"),
    ],
)
def test_extensions(nc: Nonconformity, row: Certificate, granted: date, due: date, wrong: str | None) -> None:
    if wrong:
        with pytest.raises(ValidationError) as caught:
            actions.grant_extension(nc, granted, due, BY)
        assert errors_of(caught) == {wrong}
    else:
        actions.grant_extension(nc, granted, due, BY)
        row.refresh_from_db()
        assert row.next_loss_on == date(2026, 6, 10)


def test_an_extension_after_the_due_date_does_not_count(nc: Nonconformity) -> None:
    with clock.at(date(2026, 6, 12)), pytest.raises(ValidationError) as caught:
        actions.grant_extension(nc, date(2026, 6, 12), date(2026, 7, 31), BY)
    assert errors_of(caught) == {"granted_on"}


def test_a_second_save_is_refused(nc: Nonconformity) -> None:
    actions.change_nonconformity(nc, nc.version, {"title": "theirs"}, BY)
    with pytest.raises(Conflict) as caught:
        actions.change_nonconformity(nc, nc.version - 1, {"title": "mine"}, BY)
    assert caught.value.theirs == {"title": "theirs"}


def test_moving_a_nonconformity_to_another_certificate_frees_the_first(
    acting: Organization, nc: Nonconformity, row: Certificate
) -> None:
    other = certificate(acting, "C2")
    actions.change_nonconformity(nc, nc.version, {}, BY, certificates=[other])
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.next_loss_on, other.next_loss_on) == (date(2028, 5, 2), date(2026, 6, 9))
    assert list(nc.due) == [f"certificate:{other.pk}"]


def test_an_action_needs_owner_and_date(nc: Nonconformity) -> None:
    with pytest.raises(ValidationError) as caught:
        actions.add_action(nc, {"description": "Do"}, BY)
    assert errors_of(caught) == {"owner", "due_on"}


def test_an_action_cannot_be_done_twice(nc: Nonconformity, officer: User) -> None:
    action = actions.add_action(nc, {"description": "Do", "owner": officer, "due_on": date(2026, 5, 1)}, BY)
    actions.complete_corrective_action(action, date(2026, 4, 9), BY)
    with pytest.raises(Refused, match="the action is done"):
        actions.complete_corrective_action(action, date(2026, 4, 9), BY)
    assert actions.reopen_action(action, "Not done after all", BY).done_on is None
