"""When a mail may go out: at once, at the hour of the daily mail, or when the quiet hours are over."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Organization


def send_at(organization: Organization, now: datetime, reminder: bool) -> datetime:
    """The first moment from ``now`` on at which a mail may go out.

    Reminders wait for the organization's mail of the day where it wants one; everything else only for the end of
    its quiet hours. Hours are local civil time: a day of 23 or 25 hours has them like any other.
    """
    if reminder and organization.daily_at is not None:
        return _next(organization, now, organization.daily_at)
    begin, end = organization.quiet_from, organization.quiet_until
    if begin is None or end is None or begin == end:
        return now
    clock_time = now.astimezone(ZoneInfo(organization.time_zone)).time()
    inside = begin <= clock_time < end if begin < end else clock_time >= begin or clock_time < end
    return _next(organization, now, end) if inside else now


def _next(organization: Organization, now: datetime, hour: time) -> datetime:
    zone = ZoneInfo(organization.time_zone)
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), hour, zone)
    return (today if today >= now else datetime.combine(local.date() + timedelta(days=1), hour, zone)).astimezone(
        now.tzinfo
    )
