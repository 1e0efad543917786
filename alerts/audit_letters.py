"""What the mails about an audit say to its team and to the owners of its certificates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from access.letters import NoLongerTrue, PlainLetter
from accounts import clock, tenancy
from accounts.models import Membership
from accounts.templatetags.ui import distance, long_day
from alerts.subjects import page
from audits.models import Audit
from audits.states import AuditState
from records.models import Message


def write(message: Message) -> PlainLetter:
    """The letter of a message about an audit; ``NoLongerTrue`` when what it tells has changed since."""
    audit: Audit = Audit.objects.select_related("organization", "site").get(pk=message.subject_id)
    _check_sight(message)
    return KINDS[message.kind](message, audit)


def _check_sight(message: Message) -> None:
    """A guest whose sight of the audit has ended, or somebody who has left, is told nothing more."""
    member = Membership.objects.filter(user=message.recipient_id).first()
    if member is None:
        raise NoLongerTrue(gettext_noop("the reader is no member any more"))
    with tenancy.acting_as(member):
        if not Audit.objects.filter(pk=message.subject_id).exists():
            raise NoLongerTrue(gettext_noop("the reader does not see the audit any more"))


def _invited(message: Message, audit: Audit) -> PlainLetter:
    member = audit.team.filter(pk=message.payload["member"]).first()
    if member is None:
        raise NoLongerTrue(gettext_noop("the reader is not on the team any more"))
    if audit.state in {AuditState.CANCELLED, AuditState.REFUSED}:
        raise NoLongerTrue(gettext_noop("the audit does not take place"))
    names = {"audit": name_of(audit), "role": member.get_role_display(), "days": _days(audit)}
    return _letter(
        message,
        audit,
        subject=_("You are on the team of %(audit)s") % names,
        sentence=_("You are on the team of %(audit)s as %(role)s. It is planned for %(days)s.") % names
        if audit.planned_on
        else _("You are on the team of %(audit)s as %(role)s.") % names,
        rows=((_("Your role"), str(names["role"])), *_where(audit)),
    )


def _confirmed(message: Message, audit: Audit) -> PlainLetter:
    if audit.state != AuditState.CONFIRMED:
        raise NoLongerTrue(gettext_noop("the audit is not confirmed any more"))
    names = {"audit": name_of(audit), "days": _days(audit)}
    return _letter(
        message,
        audit,
        subject=_("Confirmed: %(audit)s on %(days)s") % names,
        sentence=_("The days of %(audit)s are confirmed: %(days)s.") % names,
        rows=_where(audit),
    )


def _moved(message: Message, audit: Audit) -> PlainLetter:
    now = [day.isoformat() for day in (audit.planned_on, audit.planned_until) if day]
    if message.payload["after"] != now or audit.state not in {AuditState.PLANNED, AuditState.CONFIRMED}:
        raise NoLongerTrue(gettext_noop("the audit was moved again or does not take place"))
    before = _span([date.fromisoformat(day) for day in message.payload["before"]]) or _("without a date")
    names = {"audit": name_of(audit), "days": _days(audit), "before": before}
    moved = message.payload["deadlines"]
    rows = [(_("Before"), before), (_("Now"), _days(audit)), *_where(audit, dated=False)]
    if moved:
        text = ngettext("%(count)d deadline moves with it", "%(count)d deadlines move with it", moved)
        rows.append((_("Effect"), text % {"count": moved}))
    return _letter(
        message,
        audit,
        subject=_("Moved: %(audit)s is now on %(days)s") % names,
        sentence=capfirst(_("%(audit)s was moved from %(before)s to %(days)s.") % names),
        rows=tuple(rows),
    )


def _cancelled(message: Message, audit: Audit) -> PlainLetter:
    if audit.state != AuditState.CANCELLED:
        raise NoLongerTrue(gettext_noop("the audit was planned again"))
    names = {"audit": name_of(audit), "days": _days(audit)}
    return _letter(
        message,
        audit,
        subject=_("Cancelled: %(audit)s") % names,
        sentence=capfirst(_("%(audit)s, planned for %(days)s, does not take place.") % names),
        rows=((_("Reason"), message.payload["reason"]), *_where(audit)),
    )


def _reported(message: Message, audit: Audit) -> PlainLetter:
    report = audit.reports.first()  # the latest version
    if report is None:
        raise NoLongerTrue(gettext_noop("there is no report"))
    counts = report.content["counts"]
    found = sum(counts.get(grade, 0) for grade in ("critical", "major", "minor"))
    words = ngettext("%(count)d nonconformity", "%(count)d nonconformities", found) % {"count": found}
    names = {"audit": name_of(audit), "found": words, "version": report.number}
    return _letter(
        message,
        audit,
        subject=_("Report issued: %(audit)s, %(found)s") % names,
        sentence=_("The report of %(audit)s is issued. It holds %(found)s.") % names,
        button=_("Read the report"),
        url=page(reverse("audit-report", args=[audit.pk])),
        rows=(
            (_("Report"), _("version %(version)s of %(day)s") % {**names, "day": long_day(report.issued_on)}),
            (_("Conclusion"), report.content["fulfilment_words"] or _("not stated")),
            *_where(audit, dated=False),
        ),
    )


def name_of(audit: Audit) -> str:
    """An audit in a sentence: ``audit A-2026-16 (ISO/IEC 27001, Gdańsk)``."""
    links = audit.certificate_links.select_related("certificate__standard")
    about = [*dict.fromkeys(str(link.certificate.standard) for link in links), *(str(site) for site in audit.places)]
    names = {"number": audit, "about": ", ".join(about)}
    return (_("audit %(number)s (%(about)s)") if about else _("audit %(number)s")) % names


def _days(audit: Audit) -> str:
    return _span([day for day in (audit.planned_on, audit.planned_until) if day])


def _span(days: list[date]) -> str:
    """One day, or the first and the last."""
    return " – ".join(long_day(day) for day in dict.fromkeys(days))


def _where(audit: Audit, dated: bool = True) -> tuple[tuple[str, str], ...]:
    """When, where and for which certificates."""
    rows = [(_("Audit"), str(audit.get_kind_display()))]
    if dated and audit.planned_on:
        rows.append((_("When"), f"{_days(audit)}, {distance(audit.planned_on, clock.today(audit.organization))}"))
    if places := ", ".join(str(site) for site in audit.places):
        rows.append((_("Where"), places))
    links = audit.certificate_links.select_related("certificate__standard")
    if covered := ", ".join(f"{link.certificate.standard} ({link.certificate})" for link in links):
        rows.append((_("Certificates"), covered))
    return tuple(rows)


def _letter(
    message: Message,
    audit: Audit,
    *,
    subject: str,
    sentence: str,
    rows: tuple[tuple[str, str], ...],
    button: str = "",
    url: str = "",
) -> PlainLetter:
    why = (
        _("You get this because you are on the team of audit %s.")
        if message.payload["as"] == "team"
        else _("You get this because you own a certificate that audit %s covers.")
    )
    return PlainLetter(
        subject=subject,
        sentence=sentence,
        button=button or _("Open the audit"),
        url=url or page(reverse("audit", args=[audit.pk])),
        rows=rows,
        why=why % audit,
    )


KINDS: dict[str, Callable[[Message, Audit], PlainLetter]] = {
    "audit_invited": _invited,
    "audit_confirmed": _confirmed,
    "audit_moved": _moved,
    "audit_cancelled": _cancelled,
    "audit_reported": _reported,
}
