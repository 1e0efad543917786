"""Days that are not what they seem: clocks put forward and back, zones far ahead and behind, a zone that changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts import clock, tenancy
from accounts.models import Organization, User
from certifications import actions as certifications
from certifications.actions.organization import change_organization
from isotrack import jobs
from nonconformities import actions as nonconformities
from nonconformities.models import Nonconformity
from records.models import SweepRun
from tests.factories import BY
from tests.records.rows import START, fates, history, message_keys, on, standing, sweep_on, the

LAST_GOOD_DAY, SUSPENDED_ON = date(2026, 6, 8), date(2026, 6, 9)
ZONES = (
    "Europe/Warsaw",
    "Europe/London",
    "Atlantic/Azores",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
    "Asia/Kathmandu",
)


def offset(zone: ZoneInfo, day: date) -> timedelta | None:
    return datetime.combine(day, time(), zone).utcoffset()


def days_of_change(zone: ZoneInfo) -> list[date]:
    """Days of 2026 to 2030 that have not 24 hours."""
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(5 * 365)]
    return [day for day in days if offset(zone, day) != offset(zone, day + timedelta(days=1))]


@pytest.mark.parametrize("name", ZONES)
def test_every_civil_day_comes_once_and_in_order(name: str) -> None:
    zone = ZoneInfo(name)
    place = Organization(name="Halden", time_zone=name)
    for changed in days_of_change(zone) or [date(2028, 2, 29)]:
        begin = datetime.combine(changed - timedelta(days=1), time(), zone).astimezone(UTC)
        seen = []
        for half_hours in range(3 * 48):
            with clock.at(begin + half_hours * timedelta(minutes=30)):
                seen.append(clock.today(place))
        assert seen == sorted(seen)
        assert sorted(set(seen))[:3] == [changed + timedelta(days=n) for n in (-1, 0, 1)]


@pytest.mark.parametrize("name", ZONES)
def test_the_last_good_day_lasts_to_its_end_wherever_it_is(organization: Organization, name: str) -> None:
    fates(organization)
    Organization.objects.filter(pk=organization.pk).update(time_zone=name)
    midnight = datetime.combine(SUSPENDED_ON, time(), ZoneInfo(name)).astimezone(UTC)
    for moment, status in ((midnight - timedelta(seconds=1), "active"), (midnight, "suspended")):
        with clock.at(moment):
            jobs.sweep(SweepRun.StartedBy.SCHEDULER, None, str)
        assert the("S0").status == status
    assert [event for event in history("certificate.suspended") if event[0] == "S0"] == [
        ("S0", "certificate.suspended", SUSPENDED_ON, "nc.major.closure")
    ]


def test_a_day_of_23_hours_ends_an_hour_earlier(organization: Organization) -> None:
    """The clocks of Warsaw go forward on 28 March 2027."""
    fates(organization)
    with on(START, organization):
        nc = Nonconformity.objects.get(number="N0")
        nonconformities.grant_extension(nc, START, date(2027, 3, 28), BY)
    zone = ZoneInfo("Europe/Warsaw")
    before, after = (datetime.combine(date(2027, 3, day), time(), zone).astimezone(UTC) for day in (28, 29))
    assert after - before == timedelta(hours=23)
    for moment, status in ((after - timedelta(seconds=1), "active"), (after, "suspended")):
        with clock.at(moment):
            jobs.sweep(SweepRun.StartedBy.SCHEDULER, None, str)
        assert the("S0").status == status


def test_a_clock_that_goes_back_undoes_nothing_and_doubles_nothing(organization: Organization, officer: User) -> None:
    fates(organization)
    sweep_on(SUSPENDED_ON)
    left = standing(), history(), message_keys()
    sweep_on(LAST_GOOD_DAY)
    assert (standing(), history(), message_keys()) == left
    sweep_on(SUSPENDED_ON)
    assert (standing(), history(), message_keys()) == left


def test_a_zone_changed_on_the_last_good_day_tells_nothing_twice(organization: Organization, officer: User) -> None:
    fates(organization)
    late_evening = datetime.combine(LAST_GOOD_DAY, time(23, 30), ZoneInfo("Europe/Warsaw"))
    with clock.at(late_evening), tenancy.acting_in(organization):
        jobs.sweep(SweepRun.StartedBy.SCHEDULER, None, str)
        told = message_keys()
        change_organization(organization, {}, {"time_zone": "America/New_York"}, BY)
        jobs.sweep(SweepRun.StartedBy.SCHEDULER, None, str)
        assert (the("S0").status, message_keys()) == ("active", told)
    sweep_on(SUSPENDED_ON)
    assert [event[2] for event in history("certificate.suspended") if event[0] == "S0"] == [SUSPENDED_ON]
    assert len(message_keys()) == len(set(message_keys()))


def test_a_certificate_that_came_back_is_not_lost_again_for_what_was_resolved(organization: Organization) -> None:
    fates(organization)
    sweep_on(SUSPENDED_ON)
    closed_on, lifted_on = SUSPENDED_ON + timedelta(days=20), SUSPENDED_ON + timedelta(days=25)
    with on(closed_on, organization):
        nonconformities.verify(Nonconformity.objects.get(number="N0"), closed_on, "effective", BY)
    with on(lifted_on, organization):
        certifications.record_decision(the("S0"), {"kind": "lift", "decided_on": lifted_on}, BY)
    for days in range(0, 300, 30):
        sweep_on(lifted_on + timedelta(days=days))
    assert the("S0").status == "active"
    assert [move["to"] for move in the("S0").moves] == ["suspended", "active"]
