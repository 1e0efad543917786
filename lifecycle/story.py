"""An answer as a short story: what happens, when, why, and what is still to be done.

For compliance officers: sentences, dates such as "9 June 2026", the rule in words, and a reminder to check
every number for which no source was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from textwrap import wrap
from typing import Any

from lifecycle.document.answering import LIFECYCLE, Answered
from lifecycle.document.values import printable
from lifecycle.policy import Policy
from lifecycle.rule_words import rule_in_words, source_in_words

WIDTH = 100
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
Json = dict[str, Any]

_DATE = re.compile(rf"\d{{1,2}} ({'|'.join(MONTHS)}) \d{{4}}")
_UNBROKEN = "\N{NO-BREAK SPACE}"
_MOVES = {
    "active": "is active again",
    "suspended": "is suspended",
    "expired": "expires",
    "withdrawn": "is withdrawn",
}
_REASONS = {
    "unresolved_nc": "nonconformity {records} was not resolved in time",
    "audit_missed": "a required audit did not take place in time",
    "edition_not_transitioned": "the edition of the standard has ended and the transition was not completed",
    "validity_ended": "its validity ended",
    "suspension_not_resolved": "the suspension was not resolved within its limit",
    "recertification_not_completed": "the recertification was not completed in time",
}
_FLAGS = {
    "accreditation_lost": "The certification body has lost its accreditation; the certificate needs a transfer.",
    "another_stage2_required": "A major of the stage 2 audit was not closed in time; another stage 2 is needed.",
    "edition_ends_before_expiry": "The edition of the standard ends before the certificate does.",
    "lapse_to_show": "The certificate must show the gap in its validity.",
    "lift_possible": "All grounds are resolved; the body can lift the suspension.",
    "new_certification_required": "Only a new certification brings it back.",
    "overdue": "Something is overdue: a step of an open nonconformity, or a missed audit.",
    "scope_reduced": "The scope has been reduced.",
    "stage2_required": "The time to restore it is over; at least a new stage 2 audit is needed.",
    "transferable": "It can be transferred to another body.",
    "under_appeal": "An appeal is pending.",
    "valid_while_suspended": "It stays valid while suspended.",
    "withdrawal_recommended": "A corrective action was not effective; the withdrawal is recommended.",
}
_DEADLINES = {
    "nc_response": "answer to nonconformity {subject}",
    "nc_plan": "accepted plan of action for nonconformity {subject}",
    "nc_action": "corrective action for nonconformity {subject}",
    "nc_closure": "closure of nonconformity {subject}",
    "stage2_verification": "closure of nonconformity {subject}, raised at a stage 2 audit",
    "recertification_closure": "closure of nonconformity {subject}, raised at a recertification audit",
    "first_surveillance": "first surveillance audit",
    "yearly_surveillance": "surveillance audit of the year",
    "surveillance_interval": "next surveillance audit",
    "surveillance_window": "surveillance audit",
    "transfer": "transfer to an accredited body",
    "expiry": "end of the certificate's validity",
    "suspension_limit": "end of the time to resolve the suspension",
    "restoration": "last day to restore the certificate",
}
_STATES = {
    "open": "still to come",
    "met": "done in time",
    "late": "done late",
    "missed": "missed",
    "unknown": "no audit is listed, and the list may have gaps",
}


def story(answered: Answered) -> str:
    """The whole answer in sentences, wrapped to 100 columns."""
    result, policy = answered.result, answered.policy
    if result["kind"] != LIFECYCLE:
        lines = _calculation(result, policy)
    else:
        assert policy is not None  # every lifecycle answer rests on a scheme
        lines = _lifecycle(result, policy)
    return "\n".join(lines) + "\n"


def day_in_words(text: str) -> str:
    """An ISO date as people write it: 9 June 2026."""
    day = date.fromisoformat(text)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _lifecycle(result: Json, policy: Policy) -> Iterator[str]:
    names = ", ".join(state["id"] for state in result["certificates"])
    yield from _paragraph(f"Certificate {names or '(none yet)'}, rules: {policy.title}, {policy.document}.")
    if result["known_on"]:
        yield from _paragraph(f"Answered from what was recorded by {day_in_words(result['known_on'])}.")
    yield from _section("What happens", _transitions(result, policy))
    yield from _section("On the days asked", map(_answer, result["answers"]))
    yield from _section("Deadlines", _deadlines(result, policy))
    yield from _section("Nonconformities", map(_nonconformity, result["nonconformities"]))
    yield from _section("What the rules do not allow", map(_violation, result["violations"]))


def _section(title: str, entries: Iterator[str]) -> Iterator[str]:
    found = list(entries)
    if found:
        yield from ("", title)
    for entry in found:
        yield from _paragraph(entry, "  ", "    ")


def _paragraph(text: str, first: str = "", rest: str = "") -> list[str]:
    """A paragraph in lines; a date is never broken."""
    whole = _DATE.sub(lambda date_words: date_words[0].replace(" ", _UNBROKEN), printable(text))
    lines = wrap(whole, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    return [line.replace(_UNBROKEN, " ") for line in lines]


def _transitions(result: Json, policy: Policy) -> Iterator[str]:
    if not result["transitions"]:
        yield f"The status does not change up to {day_in_words(result['answers'][-1]['date'])}."
    for move in result["transitions"]:
        yield f"{day_in_words(move['date'])}: {_move(move)}{_rule(policy, move['rule'])}"


def _move(move: Json) -> str:
    verb = "becomes active" if move["from"] == "none" else _MOVES[move["to"]]
    records = ", ".join(move["because"])
    if move["by"] == "decision":
        reason = f", reason: {move['reason'].replace('_', ' ')}" if move["to"] in ("suspended", "withdrawn") else ""
        return f"the certificate {verb}, by decision of the certification body ({records}){reason}."
    return f"the certificate {verb}, because {_REASONS[move['reason']].format(records=records)}."


def _rule(policy: Policy, rule_id: str) -> str:
    words = rule_in_words(policy, rule_id)
    if rule_id.startswith("decision.") or not words:
        return ""
    return f" The rule: {words} ({source_in_words(policy, rule_id)})."


def _answer(answer: Json) -> str:
    return " ".join([f"{day_in_words(answer['date'])}: {_standing(answer)}.", *_notes(answer)])


def _standing(answer: Json) -> str:
    if answer["status"] == "none":
        return "there is no certificate"
    edition = f" to edition {answer['edition']}" if answer["edition"] else ""
    return f"{answer['certificate']}{edition} is {answer['status']}"


def _notes(answer: Json) -> Iterator[str]:
    if answer["differs"]:
        yield f"The certification body has not said so itself: by its word the status is {answer['confirmed_status']}."
    if answer["status"] in ("active", "suspended") and answer["effective_expires_on"]:
        yield f"Valid until {day_in_words(answer['effective_expires_on'])}."
    if answer["suspension_limit_on"]:
        yield f"The suspension must be resolved by {day_in_words(answer['suspension_limit_on'])}."
    if answer["restorable_until"]:
        yield f"It can be restored until {day_in_words(answer['restorable_until'])}."
    if answer["reapply_from"]:
        yield f"A new certification is possible from {day_in_words(answer['reapply_from'])}."
    yield from (_FLAGS[flag] for flag in answer["flags"])


def _deadlines(result: Json, policy: Policy) -> Iterator[str]:
    for deadline in result["deadlines"]:
        if deadline["state"] in _STATES:
            what = _DEADLINES[deadline["kind"]].format(subject=deadline["subject"])
            opens = f" (from {day_in_words(deadline['opens_on'])})" if deadline["opens_on"] else ""
            check = _unverified(policy, deadline["rule"])
            yield f"{day_in_words(deadline['due_on'])}{opens}: {what}: {_STATES[deadline['state']]}{check}."


def _unverified(policy: Policy, rule_id: str) -> str:
    check = source_in_words(policy, rule_id).partition("; ")[2]
    return f" ({check})" if check else ""


def _nonconformity(state: Json) -> str:
    closed = f" on {day_in_words(state['closed_on'])}" if state["closed_on"] else ""
    sources = f", made of {', '.join(state['sources'])}" if state["sources"] else ""
    grades = [f"{change['grade']} from {day_in_words(change['date'])}" for change in state["grades"]]
    return f"{state['id']}: {state['state']}{closed}; {', then '.join(grades)}{sources}."


def _violation(violation: Json) -> str:
    applied = "applied all the same" if violation["applied"] else "not applied"
    return f"{day_in_words(violation['date'])}, {violation['subject']}: {violation['message']} ({applied})."


def _calculation(result: Json, policy: Policy | None) -> Iterator[str]:
    yield from _paragraph(_TITLES[result["kind"]])
    tell = _CALCULATIONS[result["kind"]]
    for number, entry in enumerate(result["results"], start=1):
        yield from _paragraph(f"{number}. {tell(entry)}", "  ", "     ")
    if result["kind"] == "regain" and policy is not None:
        yield from _paragraph(_rule(policy, "reapplication").strip())


def _audit_time(entry: Json) -> str:
    return (
        f"{entry['table_days']} days by the table; initial audit {entry['initial_days']}, surveillance "
        f"{entry['surveillance_days']}, recertification {entry['recertification_days']} days; at least "
        f"{entry['on_site_min_days']} days on site."
    )


def _site_sample(entry: Json) -> str:
    return f"{entry['sample']} sites and the central function."


def _scheme_grade(entry: Json) -> str:
    score = f"score {entry['score']}, " if entry["score"] is not None else ""
    return f"{score}grade {entry['grade']}: {'certificate' if entry['certificate'] else 'no certificate'}."


def _data_submission(entry: Json) -> str:
    return f"due on {day_in_words(entry['due_on'])}."


def _regain(entry: Json) -> str:
    missing = ", ".join(step.replace("_", " ") for step in entry["missing"])
    ready = f"not ready for stage 2, missing: {missing}" if missing else "ready for stage 2"
    return (
        f"{day_in_words(entry['date'])}: {ready}. "
        f"A new certification is possible from {day_in_words(entry['reapply_from'])}."
    )


_TITLES = {
    "audit_time": "Audit days (IAF MD 5)",
    "site_sample": "Sites to audit (IAF MD 1)",
    "scheme_grade": "Grade of the audit",
    "data_submission": "Last day to submit the data",
    "regain": "The way back to a certificate",
}
_CALCULATIONS = {
    "audit_time": _audit_time,
    "site_sample": _site_sample,
    "scheme_grade": _scheme_grade,
    "data_submission": _data_submission,
    "regain": _regain,
}
