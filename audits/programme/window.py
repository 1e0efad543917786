"""What planning an audit on a day would do to its certificates, said before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.templatetags.ui import day
from audits.models import Audit
from audits.programme.proposing import AUDITS, met_by
from audits.states import EXTERNAL_KINDS
from certifications.facts import books_for, facts_for, with_relations
from certifications.models import Certificate
from certifications.queries import audits_of, planned_facts
from lifecycle.audit import stage_gap_kept
from lifecycle.evolve import evolve
from lifecycle.facts import Audit as AuditFact
from lifecycle.facts import Facts
from lifecycle.outcome import Deadline
from lifecycle.policy import PolicyBook

EFFECTS = {
    "suspended": gettext_lazy("would suspend the certificate on %s"),
    "withdrawn": gettext_lazy("would withdraw the certificate on %s"),
    "expired": gettext_lazy("lets the certificate expire on %s"),
}


@dataclass(frozen=True)
class Planned:
    """An audit as it is about to be saved; ``pk`` of one that is moved."""

    kind: str
    first: date
    last: date
    edition: str = ""
    pk: int | None = None


def warnings_about(planned: Planned, certificates: Sequence[Certificate], today: date) -> list[str]:
    """One sentence for each deadline that the audit misses and for each rule it breaks; empty when all is well."""
    if planned.kind not in EXTERNAL_KINDS or not certificates:
        return []
    rows = list(with_relations(Certificate.objects.filter(pk__in=[row.pk for row in certificates])))
    facts, books, booked = facts_for(rows), books_for(row.scheme for row in rows), audits_of([row.pk for row in rows])
    found: list[str] = []
    for row in rows:
        lines = [line for line in booked[row.pk] if line.pk != planned.pk]
        known = replace(facts[row.pk], audits=(*facts[row.pk].audits, *planned_facts(lines)))
        found += [f"{row.standard}, {row}: {text}" for text in _of_one(planned, known, books[row.scheme_id], today)]
    return found


def _of_one(planned: Planned, facts: Facts, book: PolicyBook, today: date) -> list[str]:
    fact = AuditFact("audit:new", cast(Any, planned.kind), planned.first, planned.last, planned.edition or None)
    with_it = replace(facts, audits=_in_order((*facts.audits, fact)))
    before = evolve(with_it, book, [today])
    late = [
        deadline
        for deadline in before.deadlines
        if deadline.kind in AUDITS
        and deadline.state == "open"
        and today <= deadline.due_on < planned.last
        and _meant(planned.kind, deadline)
    ]
    turns = evolve(with_it, book, [planned.last]).transitions
    texts = [_late(deadline, planned.last, turns) for deadline in late if not met_by(facts.audits, deadline, today)]
    texts += _early(planned, before.deadlines)
    return texts + _stage_gap(planned, facts, book) + _after_expiry(planned, facts, book, today)


def _in_order(audits: Sequence[AuditFact]) -> tuple[AuditFact, ...]:
    return tuple(sorted(audits, key=lambda audit: audit.ended_on or audit.started_on or date.max))


def _meant(kind: str, deadline: Deadline) -> bool:
    """Whether an audit of this kind is the one the deadline waits for."""
    return kind == "transfer" if deadline.kind == "transfer" else kind in {"surveillance", "recertification"}


def _late(deadline: Deadline, last: date, turns: Sequence[Any]) -> str:
    days = (last - deadline.due_on).days
    words = {"due": day(deadline.due_on), "day": day(last), "days": days}
    text = (
        ngettext(
            "the audit must be held by %(due)s. %(day)s is %(days)d day late",
            "the audit must be held by %(due)s. %(day)s is %(days)d days late",
            days,
        )
        % words
    )
    turn = next((t for t in turns if t.rule == deadline.rule and t.date > deadline.due_on), None)
    effect = EFFECTS.get(turn.to_status) if turn else None
    if effect is None or turn is None:
        return f"{text}."
    return _("%(text)s and %(effect)s.") % {"text": text, "effect": str(effect) % day(turn.date)}


def _early(planned: Planned, deadlines: Sequence[Deadline]) -> list[str]:
    """A surveillance before its window opens does not meet it."""
    if planned.kind != "surveillance":
        return []
    ahead = [d for d in deadlines if d.kind == "surveillance_window" and d.state == "open" and d.opens_on]
    first = min(ahead, key=lambda d: d.due_on, default=None)
    if first is None or first.opens_on is None or planned.last >= first.opens_on:
        return []
    words = {"day": day(planned.last), "opens": day(first.opens_on)}
    return [_("%(day)s is too early: the window opens on %(opens)s and stays open for another audit.") % words]


def _stage_gap(planned: Planned, facts: Facts, book: PolicyBook) -> list[str]:
    """Stage 2 too soon or too long after stage 1 (9.3.1.2.4)."""
    if planned.kind != "stage2":
        return []
    ends = [a.ended_on for a in facts.audits if a.kind == "stage1" and a.ended_on and a.ended_on <= planned.first]
    if not ends or stage_gap_kept(book, max(ends), planned.first):
        return []
    words = {"day": day(planned.first), "stage1": day(max(ends))}
    return [_("%(day)s does not keep the time that the scheme asks for after stage 1 of %(stage1)s.") % words]


def _after_expiry(planned: Planned, facts: Facts, book: PolicyBook, today: date) -> list[str]:
    """A recertification after the expiry comes too late to renew."""
    if planned.kind != "recertification":
        return []
    expires_on = evolve(facts, book, [today]).answers[0].effective_expires_on
    if expires_on is None or planned.last <= expires_on:
        return []
    words = {"day": day(planned.last), "expires": day(expires_on)}
    return [_("the certificate expires on %(expires)s; a recertification on %(day)s comes after it.") % words]


def hanging_on(audit: Audit) -> list[Any]:
    """Open nonconformities of its certificates that are due “by the next audit”; moving the audit moves them."""
    if not audit.is_external or audit.ended_on:
        return []
    names = {f"certificate:{pk}" for pk in audit.certificate_links.values_list("certificate_id", flat=True)}
    model: Any = Certificate._meta.get_field("nonconformities").related_model
    pks = [int(name.partition(":")[2]) for name in names]
    rows = model.objects.filter(certificate_links__certificate_id__in=pks, state="open").distinct().order_by("pk")
    return [row for row in rows if any(row.due.get(name, {}).get("closure") == "next_audit" for name in names)]


def follow_up_query(audit: Audit) -> str:
    """The form of a follow-up audit for the open majors that this audit raised; empty when it needs none."""
    majors = [nc for nc in getattr(audit, "nonconformities").all() if _open_major(nc)]  # noqa: B009 an upper package
    if not majors or not audit.is_external:
        return ""
    certificates = "".join(f"&certificate={link.certificate_id}" for link in audit.certificate_links.all())
    due = min((on for nc in majors if (on := nc.next_step_due_on)), default=None)
    site = f"&site={audit.site_id}" if audit.site_id else ""
    return f"?kind=follow_up{certificates}{site}" + (f"&planned_on={due}" if due else "")


def _open_major(nc: Any) -> bool:
    return nc.state == "open" and nc.current_grade in {"major", "critical"}
