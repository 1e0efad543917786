"""The eight steps: who writes, who approves, what is refused and kept, and how often the same has happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts import clock
from accounts.models import Organization, User
from certifications.actions import Refused
from certifications.models import Certificate
from nonconformities import actions, effects
from nonconformities.models import Nonconformity
from nonconformities.queries import clocks, repeats_of
from records.editing import Conflict
from records.record import Actor
from tests.factories import BY, certificate, done, nonconformity, planned, scheme, settled, told

TODAY = date(2026, 4, 10)


@pytest.fixture(autouse=True)
def april(acting: Organization) -> Iterator[None]:
    """It is 10 April 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def row(acting: Organization) -> Certificate:
    return certificate(acting)


@pytest.fixture
def nc(acting: Organization, row: Certificate) -> Nonconformity:
    return nonconformity(acting, [row])


def states(nc: Nonconformity) -> dict[str, str]:
    return dict(nc.steps.values_list("step", "state"))


def test_the_author_of_a_step_of_a_major_does_not_approve_it(nc: Nonconformity, officer: User) -> None:
    author = Actor.person(officer)
    actions.submit_containment(nc, "Doors locked", author)
    assert states(nc)["containment"] == "submitted"
    with pytest.raises(Refused, match="You wrote “Containment” yourself"):
        actions.approve_step(nc, "containment", author)
    step = actions.approve_step(nc, "containment", BY)
    assert (step.state, step.approved_by_name, step.approved_on) == ("approved", "Marta", TODAY)
    with pytest.raises(Refused, match="“Containment” is approved"):
        actions.approve_step(nc, "containment", BY)


def test_a_step_of_a_minor_needs_no_other_eye(acting: Organization, row: Certificate) -> None:
    minor = nonconformity(acting, [row], grade="minor")
    actions.submit_extent(minor, False, "Looked at all sites", BY)
    assert states(minor)["extent"] == "approved"


def test_a_returned_step_keeps_the_refused_text(nc: Nonconformity) -> None:
    actions.submit_extent(nc, False, "Nowhere else", BY)
    step = actions.return_step(nc, "extent", "Did you look at Porto?", BY)
    assert (step.state, nc.current_step) == ("returned", "containment")
    kept = step.returned.get()
    assert (kept.text, kept.reason) == ("Nowhere else", "Did you look at Porto?")
    actions.submit_extent(nc, True, "Porto too", BY)
    assert step.returned.count() == 1


def test_what_was_submitted_goes_with_the_plan(nc: Nonconformity) -> None:
    actions.submit_containment(nc, "Doors locked", BY)
    actions.accept_plan(planned(nc, "No owner", TODAY), TODAY, BY)
    assert states(nc) == {
        "record": "approved",
        "containment": "approved",
        "root-cause": "approved",
        "action-plan": "approved",
    }


def test_each_root_cause_needs_an_action_of_its_own(nc: Nonconformity, officer: User) -> None:
    causes = {"statement": "No owner", "causes": [{"branch": "people", "text": "No training", "root": True}]}
    actions.submit_cause(nc, causes, BY)
    assert nc.root_cause == "No owner\nNo training"
    fields = {"owner": officer, "due_on": TODAY}
    actions.add_action(nc, {"description": "Name one", "cause": "No owner", **fields}, BY)
    with pytest.raises(ValidationError, match="removes this cause: No training"):
        actions.submit_plan(nc, "", TODAY, BY)
    actions.add_action(nc, {"description": "Train", "cause": "No training", **fields}, BY)
    assert actions.submit_plan(nc, "", TODAY, BY).stage == "submitted"


def test_a_draft_is_kept_and_told_once_a_day(nc: Nonconformity, officer: User) -> None:
    for text in ("Doors", "Doors lo"):
        actions.save_draft(nc, "containment", {"text": text}, Actor.person(officer))
    step = nc.steps.get(step="containment")
    assert (step.draft, step.state, nc.correction) == ({"text": "Doors lo"}, "open", "")
    assert [kind for kind, _ in told(nc.pk, "nonconformity")] == ["nonconformity.raised", "step.drafted"]
    actions.submit_containment(nc, "Doors locked", BY)
    step.refresh_from_db()
    assert step.draft is None


def test_the_second_of_two_saves_of_a_step_is_refused(nc: Nonconformity, officer: User) -> None:
    step = actions.assign_step(nc, "extent", officer, TODAY, BY, 0)
    actions.assign_step(nc, "extent", None, TODAY, BY, step.version)
    with pytest.raises(Conflict):
        actions.assign_step(nc, "extent", officer, TODAY, BY, step.version)


def test_one_action_serves_two_and_keeps_both_open(acting: Organization, row: Certificate, nc: Nonconformity) -> None:
    other = nonconformity(acting, [row], "N2", grade="minor")
    action = actions.add_action(nc, {"description": "Do", "owner_name": "Ola", "due_on": TODAY}, BY)
    actions.share_action(action, other, BY)
    with pytest.raises(Refused, match="serves N2 already"):
        actions.share_action(action, other, BY)
    with pytest.raises(Refused, match="N2 has open corrective actions"):
        actions.close(other, TODAY, BY)
    actions.complete_corrective_action(action, TODAY, BY)
    assert actions.close(other, TODAY, BY).state == "closed"


def test_a_major_of_our_own_closes_with_the_verdict(acting: Organization) -> None:
    own = nonconformity(acting, [], source="internal_audit")
    own = done(actions.accept_plan(planned(own, "No owner", TODAY), TODAY, BY), TODAY)
    own = actions.verify(own, TODAY, "effective", BY)
    assert (own.stage, own.state, own.current_step) == ("verified", "open", "effectiveness")
    with pytest.raises(Refused, match="Record the verdict"):
        actions.close(own, TODAY, BY)
    actions.plan_effect_check(own, "Open accounts", "none", TODAY, BY)
    own = actions.judge_effect(own, TODAY, "not_effective", BY, "Two were open")
    assert (own.stage, own.action_done_on) == ("accepted", None)
    own = actions.verify(actions.complete_action(own, TODAY, BY), TODAY, "effective", BY)
    assert actions.judge_effect(own, TODAY, "effective", BY).state == "closed"


def test_more_time_is_asked_refused_asked_again_and_granted(nc: Nonconformity) -> None:
    until = date(2026, 7, 8)
    actions.ask_extension(nc, until, "Part on order", BY)
    with pytest.raises(Refused, match="asked already"):
        actions.ask_extension(nc, until, "Part on order", BY)
    actions.refuse_extension(nc, "Not reason enough", BY)
    actions.ask_extension(nc, until, "Supplier is bankrupt", BY)
    actions.grant_extension(nc, TODAY, until, BY, reason="Agreed")
    answers = list(nc.requests.order_by("pk").values_list("state", "answer"))
    assert answers == [("refused", "Not reason enough"), ("granted", "Agreed")]


def test_what_more_time_would_do_is_shown_before_it_is_saved(nc: Nonconformity, row: Certificate) -> None:
    found = effects.effect_of(nc, effects.extended("closure", TODAY, date(2026, 7, 8), TODAY))
    moved = [(line.status, line.before, line.after) for line in found if line.status == "suspended"]
    assert moved == [("suspended", date(2026, 6, 9), date(2026, 7, 9))]
    row.refresh_from_db()
    assert (row.next_loss_on, nc.extensions.count()) == (date(2026, 6, 9), 0)


def test_each_certificate_keeps_its_next_date_when_the_other_is_judged(acting: Organization, row: Certificate) -> None:
    food = certificate(acting, "F1", scheme=scheme("fssc_22000_v6"))
    both = nonconformity(acting, [row, food], raised_on=date(2026, 4, 1))
    assert [(c.certificate, c.due_on) for c in clocks(both)] == [(food, date(2026, 4, 15)), (row, date(2026, 5, 1))]
    actions.follow(both, BY, "again")
    assert both.next_step_due_on == date(2026, 4, 15)
    from certifications.actions import refresh_ids  # the sweep judges one certificate without the other

    refresh_ids([row.pk], BY)
    both.refresh_from_db()
    assert both.next_step_due_on == date(2026, 4, 15)


@pytest.mark.parametrize(
    ("raised", "clause", "counted"),
    [
        (date(2024, 3, 10), "8.2", 1),
        (date(2024, 3, 9), "8.2", 0),
        (date(2025, 3, 10), "8.3", 0),
    ],
)
def test_the_same_clause_at_the_same_place_within_24_months_is_a_repeat(
    acting: Organization, row: Certificate, raised: date, clause: str, counted: int
) -> None:
    with clock.at(raised):
        earlier = nonconformity(acting, [], "N0", source="complaint", raised_on=raised, clause=clause, scope_part="HR")
    again = nonconformity(acting, [row], "N1", clause="8.2", scope_part="hr")
    assert [found.pk for found in repeats_of(again).rows] == [earlier.pk] * counted
    assert repeats_of(again).times == counted + 1


def test_a_closed_one_stays_as_it_is(nc: Nonconformity) -> None:
    settled(nc, TODAY)
    with pytest.raises(Refused, match="its steps stay as they are"):
        actions.submit_containment(nc, "Late", BY)
