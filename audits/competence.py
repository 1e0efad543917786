"""Whether someone on a team may audit: competence for each standard, valid on the days of the audit."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.templatetags.ui import day
from audits.models import Audit, Competence, TeamMember
from audits.states import AUDITING


def doubts_about(member: TeamMember, audit: Audit) -> list[str]:
    """What is missing for someone who judges (ISO 19011 7.2): one sentence per standard; nothing for other roles."""
    if member.role not in AUDITING:
        return []
    who = Q(user=member.user) if member.user_id else Q(name__iexact=member.name, user=None)
    known = list(Competence.objects.filter(who).select_related("standard"))
    last = audit.ended_on or audit.planned_until or audit.planned_on or audit.started_on
    doubts = []
    for standard in {link.certificate.standard for link in audit.certificate_links.all()}:
        held = [row for row in known if row.standard_id == standard.pk]
        if not held:
            doubts.append(_("No competence for %s is on record.") % standard)
        elif last and all(row.valid_until and row.valid_until < last for row in held):
            latest = max(row.valid_until for row in held if row.valid_until)
            doubts.append(
                _("Competence for %(standard)s ends on %(day)s.") % {"standard": standard, "day": day(latest)}
            )
    return sorted(doubts)
