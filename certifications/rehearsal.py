"""What recording something would do to the dates of a certificate: the door itself is gone through and taken back.

So the answer is the one that recording gives, refusals included, whatever kind of fact it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.templatetags.ui import day
from certifications.actions.judgement import Judgement, judge_facts
from certifications.facts import books_for, facts_for, with_relations
from certifications.models import Certificate
from certifications.shifts import moved_between
from certifications.states import CertificateStatus
from lifecycle.forecast import Forecast
from lifecycle.outcome import Answer


@dataclass(frozen=True)
class Compared:
    """One value before and after."""

    name: str
    before: str
    after: str

    @property
    def moved(self) -> bool:
        """Whether it changes."""
        return self.before != self.after


def rehearse(certificate: Certificate, door: Callable[[], object]) -> list[Compared]:
    """Values and dates of the certificate before and after the door; nothing stays written.

    Raises what the door raises.
    """
    before = _judged(certificate)
    with transaction.atomic():
        door()
        after = _judged(certificate)
        dates = moved_between(before, after)
        transaction.set_rollback(True)
    values = compared(before.outcome.answers[-1], after.outcome.answers[-1], before.forecast, after.forecast)
    return values + [Compared(d.words, _day(d.before), _day(d.after)) for d in dates if not d.status]


def _judged(certificate: Certificate) -> Judgement:
    row = with_relations(Certificate.objects.filter(pk=certificate.pk)).get()
    return judge_facts(
        row, facts_for([row])[row.pk], books_for([row.scheme])[row.scheme_id], clock.today(row.organization)
    )


def compared(before: Answer, after: Answer, ahead: Forecast, then: Forecast) -> list[Compared]:
    """Where a certificate stands and what it loses next, before and after something."""
    return [
        Compared(_("Status by rule"), _status(before.status), _status(after.status)),
        Compared(_("Status confirmed by the body"), _status(before.confirmed_status), _status(after.confirmed_status)),
        Compared(_("Edition"), before.edition or "–", after.edition or "–"),
        Compared(_("Expires"), _expiry(before), _expiry(after)),
        Compared(_("Suspension may last until"), _day(before.suspension_limit_on), _day(after.suspension_limit_on)),
        Compared(_("Next loss"), _loss(ahead), _loss(then)),
    ]


def _status(status: str) -> str:
    return str(CertificateStatus(status).label)


def _day(value: date | None) -> str:
    return day(value) or "–"


def _expiry(answer: Answer) -> str:
    return _day(answer.effective_expires_on or answer.expires_on)


def _loss(forecast: Forecast) -> str:
    loss = forecast.loss
    return _("%(status)s on %(day)s") % {"status": _status(loss.status), "day": day(loss.date)} if loss else _("none")
