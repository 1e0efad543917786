"""What the schemes of a nonconformity ask of the work on it: verification, verdict, follow-up audit, another eye."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.templatetags.ui import day
from audits.models import Audit
from audits.states import FOLLOWING_UP, NOT_HELD
from certifications.actions import Refused
from certifications.facts import books_for
from certifications.models import Scheme
from lifecycle.policy import GradeRules
from lifecycle.rule_words import grade_in_words
from nonconformities.models import Nonconformity, StepRecord
from nonconformities.states import Source
from records.record import Actor


class RuleBooks:
    """The rules of every scheme of one organization; two queries however many nonconformities are asked about."""

    def __init__(self, organization_id: int) -> None:
        schemes = list(Scheme.objects.filter(organization_id=organization_id).order_by("pk"))
        self._books = books_for(schemes)
        self._own = next((scheme.pk for scheme in reversed(schemes) if scheme.own_deadlines), 0)

    def of(self, nonconformity: Nonconformity) -> Sequence[GradeRules]:
        """The rules of its grade in every scheme that judges it, as of the day on which its clock started."""
        by_body = nonconformity.source == Source.BODY
        links = nonconformity.certificate_links.all() if by_body else ()
        schemes = {link.certificate.scheme_id for link in links} or {self._own}
        grade = nonconformity.current_grade or nonconformity.grade
        books = [self._books[pk] for pk in sorted(schemes) if pk in self._books]
        found = [book.grade_rules(grade, nonconformity.raised_on) for book in books]
        return [rules for rules in found if rules is not None]


def grade_rules_of(nonconformity: Nonconformity, books: RuleBooks | None = None) -> Sequence[GradeRules]:
    """The rules of its grade in every scheme that judges it."""
    return (books or RuleBooks(nonconformity.organization_id)).of(nonconformity)


def asks_verification(nonconformity: Nonconformity, books: RuleBooks | None = None) -> bool:
    """Whether one of its schemes wants the corrective action verified before a closure (17021-1, 9.4.10)."""
    return any(rules.verified for rules in grade_rules_of(nonconformity, books))


def asks_verdict(nonconformity: Nonconformity, books: RuleBooks | None = None) -> bool:
    """Whether one of its schemes wants the effect judged before a closure (ISO 9001, 10.2.1 d)."""
    return any(rules.effect_judged for rules in grade_rules_of(nonconformity, books))


def asks_follow_up(nonconformity: Nonconformity, books: RuleBooks | None = None) -> bool:
    """Whether one of its schemes wants a follow-up audit before a closure (17021-1, 9.4.10; IATF Rules, 5.11)."""
    return any(rules.followed_up for rules in grade_rules_of(nonconformity, books))


def follow_ups(nonconformity: Nonconformity) -> QuerySet[Audit]:
    """Audits since it was raised that can look at it again, booked or held; the earliest first.

    What the body raised takes a follow-up or special audit of a certificate concerned; else any of the site does.
    """
    since = Q(started_on__gte=nonconformity.raised_on) | Q(started_on=None, planned_on__gte=nonconformity.raised_on)
    audits = Audit.objects.filter(since).exclude(pk=nonconformity.audit_id).exclude(state__in=NOT_HELD)
    if nonconformity.source == Source.BODY:
        certificates = nonconformity.certificate_links.values("certificate")
        audits = audits.filter(kind__in=FOLLOWING_UP, certificate_links__certificate__in=certificates).distinct()
    elif nonconformity.site_id:
        audits = audits.filter(site=nonconformity.site_id)
    return audits.order_by("planned_on", "pk")


def check_followed_up(nonconformity: Nonconformity, on: date, books: RuleBooks | None = None) -> None:
    """Refuse a closure before the follow-up audit has begun, where a scheme wants one."""
    if not asks_follow_up(nonconformity, books):
        return
    audits = follow_ups(nonconformity)
    if audits.filter(started_on__lte=on).exists():
        return
    words = {
        "nc": nonconformity,
        "grade": grade_in_words(nonconformity.current_grade, translation),
        "audit": audits.first(),
        "day": day(on),
    }
    if words["audit"]:
        raise Refused(
            _(
                "The scheme wants a follow-up audit before %(nc)s (grade %(grade)s) is closed, and %(audit)s has not "
                "begun by %(day)s. Record its first day, then verify."
            )
            % words
        )
    raise Refused(
        _(
            "The scheme wants a follow-up audit before %(nc)s (grade %(grade)s) is closed, and none is booked. Plan "
            "it (step 7 leads there), then verify."
        )
        % words
    )


def asks_other_eye(nonconformity: Nonconformity) -> bool:
    """Whether one of its schemes wants the steps of this grade approved by another person than their author."""
    return any(rules.four_eyes for rules in grade_rules_of(nonconformity))


def check_other_eye(record: StepRecord | None, by: Actor) -> None:
    """Refuse the author of a step as the one who approves it, where a scheme wants another eye."""
    if record is None or by.user_id is None or record.author_id != by.user_id:
        return
    if asks_other_eye(record.nonconformity):
        words = {
            "step": record.get_step_display(),
            "grade": grade_in_words(record.nonconformity.current_grade, translation),
        }
        raise Refused(
            _(
                "You wrote “%(step)s” yourself, and the scheme wants another person to approve the steps of grade "
                "%(grade)s. Ask someone else who may accept plans and close nonconformities."
            )
            % words
        )
