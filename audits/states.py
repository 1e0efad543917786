"""Kinds and states of an audit, roles, answers and grades, with their words."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from records.moves import Move


class AuditKind(models.TextChoices):
    """What an audit is for (ISO/IEC 17021-1 clause 9; ISO 9001 clause 9.2 for internal ones)."""

    STAGE1 = "stage1", _("Stage 1")
    STAGE2 = "stage2", _("Stage 2")
    SURVEILLANCE = "surveillance", _("Surveillance")
    RECERTIFICATION = "recertification", _("Recertification")
    TRANSITION = "transition", _("Transition")
    TRANSFER = "transfer", _("Transfer")
    SPECIAL = "special", _("Special")
    FOLLOW_UP = "follow_up", _("Follow-up")
    INTERNAL = "internal", _("Internal")
    SUPPLIER = "supplier", _("Supplier")


FOLLOWING_UP = ("follow_up", "special")
"""Kinds of an audit that looks again at what another one found (17021-1, 9.4.10 and 9.6.4)."""
EXTERNAL_KINDS = frozenset(kind.value for kind in AuditKind) - {"internal", "supplier"}


class AuditState(models.TextChoices):
    """Where an audit stands."""

    PLANNED = "planned", pgettext_lazy("audit", "Planned")
    CONFIRMED = "confirmed", pgettext_lazy("audit", "Confirmed")
    STARTED = "started", _("In progress")
    HELD = "held", pgettext_lazy("audit", "Held")
    REPORTED = "reported", pgettext_lazy("audit", "Reported")
    CLOSED = "closed", pgettext_lazy("audit", "Closed")
    CANCELLED = "cancelled", pgettext_lazy("audit", "Cancelled")
    REFUSED = "refused", pgettext_lazy("audit", "Refused")


BOOKED = ("planned", "confirmed")
"""States of an audit that has not begun."""
AHEAD = (*BOOKED, "started")
"""States of an audit whose last day is still to come."""
TOOK_PLACE = ("held", "reported", "closed")
"""States of an audit that has taken place."""
NOT_HELD = ("cancelled", "refused")
"""States of an audit that never counts."""
OVER = ("closed", "cancelled", "refused")
"""States of an audit at which nobody has work any more; guests are not invited to it."""
CAPTURING = ("started", "held")
"""States in which answers and findings are recorded: from the first day until the report is issued."""


class AuditMethod(models.TextChoices):
    """How an audit is carried out (ISO 19011 A.1)."""

    ON_SITE = "on_site", _("On site")
    REMOTE = "remote", _("Remote")
    MIXED = "mixed", _("On site and remote")


class TeamRole(models.TextChoices):
    """What someone does on an audit team (ISO 19011 3.14 to 3.17)."""

    LEAD = "lead", _("Lead auditor")
    AUDITOR = "auditor", _("Auditor")
    EXPERT = "expert", _("Technical expert")
    TRAINEE = "trainee", _("Auditor in training")
    OBSERVER = "observer", _("Observer")


AUDITING = ("lead", "auditor")
"""Roles that judge, and so need competence and independence."""


class ItemSource(models.TextChoices):
    """Where a question of a checklist came from."""

    CATALOG = "catalog", _("Clauses of the standard")
    LAST = "last", _("An earlier audit")
    OWN = "own", _("Own question")


class Answer(models.TextChoices):
    """What was seen for a question."""

    CONFORMS = "conforms", _("Conforms")
    FINDING = "finding", _("Finding")
    NOT_SEEN = "not_seen", _("Not seen")


class FindingGrade(models.TextChoices):
    """Weight of a finding; which of them a nonconformity may have, its scheme says."""

    CRITICAL = "critical", _("Critical")
    MAJOR = "major", _("Major")
    MINOR = "minor", _("Minor")
    OPPORTUNITY = "opportunity", _("Opportunity")
    GOOD_PRACTICE = "good", _("Good practice")


NONCONFORMING = ("critical", "major", "minor")
"""Grades that are nonconformities; the others are told in the report alone."""

MOVES: tuple[Move, ...] = (
    Move(gettext_noop("confirm"), ("planned",), "confirmed", "confirm_audit"),
    Move(gettext_noop("start"), BOOKED, "started", "start_audit"),
    Move(gettext_noop("hold"), AHEAD, "held", "hold_audit"),
    Move(gettext_noop("issue report"), ("held",), "reported", "report_audit"),
    Move(gettext_noop("correct report"), ("reported", "closed"), "held", "correct_report"),
    Move(gettext_noop("close"), ("reported",), "closed", "close_audit"),
    Move(gettext_noop("cancel"), AHEAD, "cancelled", "cancel_audit"),
    Move(gettext_noop("refuse"), BOOKED, "refused", "refuse_audit"),
    Move(gettext_noop("plan again"), NOT_HELD, "planned", "plan_again"),
)
