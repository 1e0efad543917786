"""From a document to its answer (section 3), without the free text of ``message``."""

from datetime import date
from typing import Any

from tests.lifecycle.oracle.calculators import calculate
from tests.lifecycle.oracle.dates import ONE_DAY, to_text
from tests.lifecycle.oracle.day import begins_on, in_force_before_the_first_fact, run_day
from tests.lifecycle.oracle.deadlines import all_deadlines
from tests.lifecycle.oracle.decisions import reapply_from
from tests.lifecycle.oracle.facts import Facts
from tests.lifecycle.oracle.flags import flags
from tests.lifecycle.oracle.nonconformity import STEPS, Nonconformity
from tests.lifecycle.oracle.rulebook import Editions, Rulebook
from tests.lifecycle.oracle.story import Story

DEFAULT_SCHEME = "iso17021_generic"


def oracle_answer(document: dict[str, Any]) -> dict[str, Any]:
    """The answer to a valid document, found by walking through every day."""
    kind = document.get("kind", "lifecycle")
    if kind != "lifecycle":
        return calculate(document)
    asked = asked_dates(document["ask"])
    story = new_story(document)
    answers = []
    day = first_day(story, asked[0])
    while day <= asked[-1]:
        run_day(story, day)
        if day in asked:
            answers.append(answer_on(story, day))
        day += ONE_DAY
    return {
        "kind": kind,
        "scheme": document.get("scheme", DEFAULT_SCHEME),
        "known_on": document.get("known_on"),
        "answers": answers,
        **whole_story(story, asked[-1]),
    }


def asked_dates(ask: dict[str, Any]) -> list[date]:
    texts = list(ask.get("dates", [])) + ([ask["until"]] if "until" in ask else [])
    return sorted({date.fromisoformat(text) for text in texts})


def new_story(document: dict[str, Any]) -> Story:
    facts = Facts(document)
    certificate = facts.certificate
    editions = Editions(facts.editions, certificate.get("standard"), certificate.get("accreditation_body"))
    story = Story(
        facts=facts,
        rules=Rulebook(document.get("scheme", DEFAULT_SCHEME), document.get("rules", {})),
        editions=editions,
        complete_history=certificate.get("audit_history", "partial") == "complete",
        certificate_id=certificate.get("id", "certificate"),
        edition=certificate.get("edition"),
    )
    if begins_on(certificate) is None and "expires_on" in certificate:
        in_force_before_the_first_fact(story)
    return story


def first_day(story: Story, first_asked: date) -> date:
    """Early enough for every fact and for the end of the edition that is held at first."""
    end = story.edition_end()
    return min(story.facts.first_day(first_asked), end or first_asked)


def answer_on(story: Story, day: date) -> dict[str, Any]:
    """The answer as at the end of a day."""
    none, expired = story.status == "none", story.status == "expired"
    return {
        "date": to_text(day),
        "status": story.status,
        "confirmed_status": story.confirmed,
        "differs": story.status != story.confirmed,
        "certificate": None if none else story.certificate_id,
        "edition": story.edition,
        "expires_on": to_text(story.expires_on),
        "effective_expires_on": None if none else to_text(story.effective_expiry()),
        "suspension_limit_on": to_text(story.limit_on) if story.status == "suspended" else None,
        "restorable_until": to_text(story.restorable_until()) if expired and story.restorable(day) else None,
        "reapply_from": to_text(reapply_from(story)) if story.status == "withdrawn" else None,
        "flags": flags(story, day),
    }


def whole_story(story: Story, last: date) -> dict[str, Any]:
    return {
        "transitions": transitions(story),
        "cycles": cycles(story),
        "certificates": certificates(story),
        "nonconformities": [nonconformity_entry(n, last) for n in story.nonconformities],
        "deadlines": all_deadlines(story, last),
        "violations": violations(story),
    }


def transitions(story: Story) -> list[dict[str, Any]]:
    return [
        {
            "date": to_text(move.date),
            "from": move.before,
            "to": move.after,
            "by": move.by,
            "rule": move.rule,
            "reason": move.reason,
            "because": move.because,
        }
        for move in story.moves
    ]


def cycles(story: Story) -> list[dict[str, Any]]:
    return [
        {
            "certificate": cycle.certificate,
            "starts_on": to_text(cycle.starts_on),
            "expires_on": to_text(cycle.expires_on),
            "because": cycle.because,
        }
        for cycle in story.cycles
    ]


def certificates(story: Story) -> list[dict[str, Any]]:
    """Former certificates first."""
    entries = [(c.id, c.status, c.expires_on) for c in story.former]
    if story.status != "none" and story.expires_on is not None:
        entries.append((story.certificate_id, story.status, story.expires_on))
    return [{"id": id_, "status": status, "expires_on": to_text(expires)} for id_, status, expires in entries]


def nonconformity_entry(nonconformity: Nonconformity, last: date) -> dict[str, Any]:
    state = nonconformity.state(last)
    return {
        "id": nonconformity.id,
        "grade": nonconformity.grade,
        "state": state,
        "closed_on": to_text(nonconformity.done_on("closure")) if state == "closed" else None,
        "grades": [{"date": to_text(day), "grade": grade} for day, grade in nonconformity.grades],
        "due": {step: due_text(nonconformity.due[step]) for step in STEPS},
        "sources": [source.id for source in nonconformity.sources],
    }


def due_text(due: date | str | None) -> str | None:
    return due if isinstance(due, str) else to_text(due)


def violations(story: Story) -> list[dict[str, Any]]:
    """By date, subject, code."""
    ordered = sorted(story.violations, key=lambda v: (v["date"], v["subject"], v["code"]))
    return [{**violation, "date": to_text(violation["date"])} for violation in ordered]
