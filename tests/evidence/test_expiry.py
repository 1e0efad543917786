"""Who is told before evidence expires, when, and once."""

from __future__ import annotations

from datetime import date

from django.core import mail

from accounts import clock
from accounts.permissions import Role
from alerts.deliver import deliver
from evidence import actions
from evidence.reminding import remind_all
from isotrack import jobs
from records.models import Message, SweepRun
from tests.conftest import member
from tests.evidence.conftest import attached
from tests.factories import BY

END = date(2027, 5, 4)


def keys() -> list[str]:
    return [
        key.split(":", 2)[2].rpartition(":")[0] for key in Message.objects.order_by("pk").values_list("key", flat=True)
    ]


def days_before(number: int) -> date:
    return date.fromordinal(END.toordinal() - number)


def test_each_threshold_once_and_the_smallest_that_holds(nc, officer):
    attached(nc, expires_on=END, owner=officer)
    told = []
    for days in (31, 30, 29, 29, 8, 7, 1, 0, -1, -2, -59, -61):
        with clock.at(days_before(days)):
            told.append(remind_all())
    assert told == [0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0]
    assert keys() == [f"expiry:2027-05-04:{threshold}" for threshold in ("30", "7", "0", "over")]


def test_a_missed_month_gives_one_mail(nc, officer):
    attached(nc, expires_on=END, owner=officer)
    with clock.at(days_before(-5)):
        assert remind_all() == 1
    assert keys() == ["expiry:2027-05-04:over"]


def test_a_later_day_is_told_anew(nc, officer):
    found = attached(nc, expires_on=END, owner=officer)
    with clock.at(days_before(7)):
        remind_all()
        actions.change_evidence(found, found.version, {"expires_on": days_before(-2)}, BY)
        assert remind_all() == 1


def test_without_an_owner_the_officers_are_told(nc, officer, organization, manager):
    second = member(organization, "two@halden.example", "Two", Role.COMPLIANCE_OFFICER)
    attached(nc, expires_on=END)
    attached(nc, expires_on=END, owner=manager)
    manager.memberships.all().delete()
    with clock.at(END):
        remind_all()
    assert sorted(Message.objects.values_list("recipient_id", flat=True)) == sorted([officer.pk, second.pk] * 2)


def test_the_sweep_of_today_tells_and_the_mail_says_it(nc, officer):
    found = attached(nc, expires_on=END, owner=officer, title="Calibration of scale 4")
    with clock.at(days_before(7)):
        jobs.sweep(SweepRun.StartedBy.COMMAND)
        Message.objects.exclude(kind="evidence_expiry").delete()
        deliver()
    [letter] = mail.outbox
    assert letter.subject == "Evidence expires in 7 days: Calibration of scale 4"
    assert "“Calibration of scale 4” is valid until 4 May 2027, in 7 days." in letter.body
    assert f"/evidence/{found.pk}/" in letter.body


def test_withdrawn_meanwhile_is_not_mailed(nc, officer):
    found = attached(nc, expires_on=END, owner=officer)
    with clock.at(END):
        remind_all()
        actions.withdraw(found, BY, "Wrong")
        deliver()
    assert (mail.outbox, Message.objects.get().state) == ([], "cancelled")
