"""The audits of the demonstration: one that is under way, one that was reported, and who may audit what."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

from accounts.models import Organization, Site, User
from audits import actions
from audits.models import Audit
from certifications.actions import find_edition, find_standard
from certifications.models import Certificate
from followup.actions import issue_report, write_draft
from records.record import Actor

LINES = [
    (0, 9, 0, "Opening meeting", [], "Plant manager, compliance officer"),
    (0, 9, 30, "Training and competence", ["7.2", "7.3"], "Head of HR"),
    (0, 11, 0, "Access rights of leavers and movers", ["A.5.16", "A.5.18", "A.6.5"], "Head of IT"),
    (0, 13, 30, "Assembly line 2", ["8.5.1", "8.5.2"], "Shift lead"),
    (1, 9, 0, "Suppliers of electronics", ["8.4.1", "A.5.19"], "Head of purchasing"),
    (1, 14, 0, "Closing meeting", [], "Plant manager"),
]
SEEN = {
    "7.2": "Matrix of 12 November, three of three people on line 2 with valid instruction",
    "7.3": "",
    "A.5.1": "Policy of March, signed by the board, on the intranet",
    "A.5.2": "",
    "A.5.9": "Inventory sampled: 8 of 8 devices found with owner",
    "A.5.15": "",
    "A.5.17": "Password safe shown, shared accounts named",
}
FOUND: list[dict[str, Any]] = [
    {
        "clause": "A.5.18",
        "grade": "minor",
        "title": "Access of two leavers was not taken away",
        "evidence": "Accounts jk.wolski and contractor-7 are active; both left on 31 October (HR list, row 14 and 19).",
        "place": "IT office, 2nd floor",
        "interviewed": "Head of IT",
    },
    {
        "clause": "A.5.24",
        "grade": "opportunity",
        "title": "The incident drill could include the night shift",
        "evidence": "The drill of September took place at 10:00; no one of the night shift took part.",
        "place": "Control room",
        "interviewed": "Shift lead",
    },
    {
        "clause": "7.1.6",
        "grade": "good",
        "title": "Short films explain each setting of press 4",
        "evidence": "QR codes at the press lead to 14 films made by the operators.",
        "place": "Assembly line 2",
        "interviewed": "Operator",
    },
]


def registers(organization: Organization, people: dict[str, User], today: date) -> None:
    """Competence of the auditors and own areas of others."""
    by = Actor.person(people["marta@halden.example"])
    jo = people["jo@halden.example"]
    for code, days in (("ISO 9001", 600), ("ISO/IEC 27001", 20), ("ISO 14001", 410)):
        fields = {
            "user": jo,
            "standard": find_standard(organization, code, by),
            "role": "lead",
            "shown_by": "Lead auditor course, four witnessed audits",
            "valid_until": today + timedelta(days=days),
        }
        actions.add_competence(organization, fields, by)
    for email, process in (("anna@halden.example", "Training"), ("tomas@halden.example", "Maintenance")):
        actions.add_responsibility(organization, {"user": people[email], "process": process}, by)


def under_way(organization: Organization, people: dict[str, User], today: date) -> Audit:
    """An integrated internal audit on its first day: plan, checklist, answers, findings."""
    jo = people["jo@halden.example"]
    by = Actor.person(jo)
    certificates = list(Certificate.objects.filter(number__in=["NHC-5521-ISMS", "NHC-4401-QMS"]).order_by("pk"))
    fields = {
        "number": "A-2026-16",
        "kind": "internal",
        "site": Site.objects.get(name="Gdańsk plant"),
        "planned_on": today,
        "planned_until": today + timedelta(days=1),
        "objectives": "Does the system meet both standards, and is it effective in daily work?",
        "scope": "Production, IT and purchasing at the Gdańsk plant",
        "criteria": "ISO 9001:2015, ISO/IEC 27001:2022, own procedures",
    }
    audit = actions.plan_audit(organization, fields, certificates, by, [Site.objects.get(name="Kraków lab")])
    lead = actions.add_member(audit, {"user": jo, "role": "lead"}, by)
    actions.add_member(audit, {"name": "Ewa Nowicka", "role": "expert"}, by)
    for days, hour, minute, process, clauses, auditees in LINES:
        line = {"day": today + timedelta(days=days), "starts_at": time(hour, minute), "process": process}
        actions.add_entry(audit, {**line, "clauses": clauses, "auditees": auditees, "auditor": lead}, by)
    audit = actions.start_audit(actions.confirm_audit(audit, by), today, by)
    _ask(organization, audit, by)
    return audit


def _ask(organization: Organization, audit: Audit, by: Actor) -> None:
    for code, edition, numbers in (
        ("ISO 9001", "2015", ["7.1.5", "7.1.6", "7.2", "7.3", "8.4.1", "8.5.1", "8.5.2"]),
        ("ISO/IEC 27001", "2022", None),
    ):
        row = find_edition(find_standard(organization, code, by), edition, by)
        actions.checklist_from_clauses(audit, row, by, numbers)
    items = {item.clause: item for item in audit.items.all()}
    answers = [{"item": items[c], "uid": uuid4(), "answer": "conforms", "evidence": e} for c, e in SEEN.items()]
    actions.answer_items(audit, answers, by)
    actions.record_findings(audit, [{**f, "item": items[f["clause"]], "uid": uuid4()} for f in FOUND], by)


def reported(people: dict[str, User], number: str, issued_on: date) -> None:
    """An internal audit whose report was issued; it found nothing that is a nonconformity."""
    by = Actor.person(people["jo@halden.example"])
    audit = Audit.objects.get(number=number)
    finding = {
        "uid": uuid4(),
        "grade": "opportunity",
        "clause": "9.1.2",
        "title": "Complaints and survey could be read together",
        "evidence": "Complaints are counted by quality, the survey by sales; no one sees both.",
    }
    actions.record_findings(audit, [finding], by)
    texts = {
        "conclusions": "The system is in place and works. What the last audit asked for has been done.",
        "fulfilment": "full",
        "recommendation": "Carry on; look at 9.1.2 before the next management review.",
    }
    write_draft(audit, 0, texts, by)
    issue_report(audit, issued_on, by)


def tell(story: Any) -> None:
    """Add to the story what happened in its audits."""
    organization, people, today = story.organization, story.people, story.today
    story.on(-80, lambda: registers(organization, people, today))
    story.on(-66, lambda: reported(people, "A-2026-09", today - timedelta(days=66)))
    story.on(0, lambda: under_way(organization, people, today))
