"""What a mail says: worked out on the day it is sent, so that its distances are right when it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override, pgettext

from access import letters as account_letters
from accounts.templatetags.ui import distance, long_day
from alerts import audit_letters, import_letters, words
from alerts.subjects import Subject, page, subject_of
from certifications.timeline import Loss
from lifecycle.rule_words import grade_in_words
from records.models import Message
from records.wording import LEARNED_LATER


class NotNeeded(Exception):
    """What the message was to tell no longer holds; the text says why."""


@dataclass(frozen=True)
class Letter:
    """A mail before it is laid out: the sentence, one button, three rows, and why the reader gets it.

    ``urgency`` orders the parts of a digest as My work is ordered: the day of the loss that it moves, then its own day.
    """

    subject: str
    sentence: str
    button: str
    url: str
    rows: tuple[tuple[str, str], ...]
    rule: str
    why: str
    organization: str
    late: bool
    language: str
    urgency: tuple[date, date] = (date.max, date.max)


def compose(message: Message, secret: bool = False) -> Letter:
    """The letter of a message in its reader's language; the organization's scope must be open.

    ``secret`` puts in links that only the reader may have. Raises ``NotNeeded`` when the move it tells of was taken
    back or decided meanwhile.
    """
    with override(message.recipient.language):
        if message.kind in account_letters.KINDS or message.kind in _WRITERS:
            return _plain(message, secret)
        if message.kind == "head":
            return _head(message)
        letter = _KINDS[message.kind](message, subject_of(message))
        return replace(letter, subject=_("Late: %s") % letter.subject) if message.late else letter


def _plain(message: Message, secret: bool) -> Letter:
    """A letter about the reader's own account, about an audit or about an import."""
    try:
        if message.kind in _WRITERS:
            written = _WRITERS[message.kind](message)
        else:
            written = account_letters.write(message.kind, message.recipient, message.payload, secret)
    except account_letters.NoLongerTrue as reason:
        raise NotNeeded(str(reason)) from reason
    return Letter(
        **vars(written),
        rule="",
        organization=message.organization.name,
        late=False,
        language=message.recipient.language,
    )


def _head(message: Message) -> Letter:
    """The signed end of the history, to be kept outside the product."""
    head, name = message.payload, message.organization.name
    return Letter(
        subject=_("History of %(name)s: signed head, entry %(number)s") % {"name": name, "number": head["number"]},
        sentence=_("Keep this mail: it proves what %(name)s had recorded up to entry %(number)s.")
        % {"name": name, "number": head["number"]},
        button=_("Open the history"),
        url=page("/history/"),
        rows=(
            (_("Fingerprint"), head["hash"]),
            (_("Signed"), _("%(signed_at)s, key %(key_id)s") % head),
            (_("Signature"), head["signature"]),
        ),
        rule="",
        why=_("You get this because %s chose you to keep its heads; an administrator can change that.") % name,
        organization=name,
        late=False,
        language=message.recipient.language,
    )


def _letter(message: Message, about: Subject, **parts: Any) -> Letter:
    parts.setdefault("button", _("Open the certificate"))
    parts.setdefault("url", about.url)
    return Letter(
        why=_why(message, about),
        organization=message.organization.name,
        late=message.late,
        language=message.recipient.language,
        **parts,
    )


def _deadline(message: Message, about: Subject) -> Letter:
    """A deadline ahead, on its day or missed."""
    payload = message.payload
    kind, due_on = payload["deadline"], date.fromisoformat(payload["due_on"])
    record = about.record(payload["subject"])
    loss = about.loss if about.loss and _leads_to(payload, due_on, about.loss) else None
    what = words.deadline_of(kind, record.label)
    return _letter(
        message,
        about,
        subject=_deadline_subject(about, kind, due_on, loss, what),
        sentence=_loss_sentence(about, loss) if loss else _due_sentence(about, what, due_on),
        button=_("Open %s") % record.label,
        url=page(_task_url(payload["subject"], record.url)),
        rows=(
            (_("What"), f"{what}: {record.title}" if record.title else what),
            (_("Due"), f"{words.full_day(due_on)}, {distance(due_on, about.today)}"),
            (_("Effect"), _effect(about, loss, payload["rule"])),
        ),
        rule=about.rule(payload["rule"]),
        urgency=(loss.on if loss else date.max, due_on),
    )


def _task_url(subject: str, url: str) -> str:
    """The page of the one task: what has to be done about a nonconformity stands alone there."""
    kind, _dash, number = subject.partition(":")
    return reverse("task", args=[f"nc-{number}"]) if kind == "nc" else url


def _test(message: Message, about: Subject) -> Letter:
    """What a rule would say of a deadline, for whoever tries the rule."""
    letter = _deadline(message, about)
    return replace(letter, subject=_("Test: %s") % letter.subject)


def _leads_to(payload: dict[str, Any], due_on: date, loss: Loss) -> bool:
    """Whether the next loss follows from this deadline or from the record it belongs to."""
    if payload["subject"].startswith("nc:"):
        return payload["subject"] in {loss.subject, *loss.because}
    return payload["rule"] == loss.rule or due_on == loss.due_on


def _deadline_subject(about: Subject, kind: str, due_on: date, loss: Loss | None, what: str) -> str:
    due = _("due %s") if due_on >= about.today else _("overdue since %s")
    if loss:
        head = f"{words.filled(words.WILL_BE[loss.status], distance(loss.on, about.today))}: {about.short}"
        return f"{head}. {words.deadline_short(kind)} {due % words.short_day(due_on, about.today)}"
    if due_on < about.today:
        when = _("Overdue since %s") % words.short_day(due_on, about.today)
    else:
        when = _("Due %s") % distance(due_on, about.today)
    return f"{when}: {what}, {about.short}"


def _loss_sentence(about: Subject, loss: Loss) -> str:
    """The one sentence of the product: what is lost, when, unless who does what."""
    record = about.record(loss.subject)
    values = {
        "name": about.name,
        "status": words.status_word(loss.status),
        "day": long_day(loss.on),
        "distance": distance(loss.on, about.today),
        "remedy": words.remedy(loss.remedy, record.label),
        "owner": record.owner or about.owner,
    }
    if values["owner"]:
        return _("%(name)s is %(status)s on %(day)s, %(distance)s, unless %(remedy)s by %(owner)s.") % values
    return _("%(name)s is %(status)s on %(day)s, %(distance)s, unless %(remedy)s.") % values


def _due_sentence(about: Subject, what: str, due_on: date) -> str:
    values = {"what": what, "day": long_day(due_on), "distance": distance(due_on, about.today)}
    if due_on < about.today:
        return _("%(what)s was due on %(day)s, %(distance)s.") % values
    return _("%(what)s is due on %(day)s, %(distance)s.") % values


def _effect(about: Subject, loss: Loss | None, rule_id: str) -> str:
    """What comes of a missed deadline: the loss it leads to, what already holds, or what its rule threatens."""
    if loss:
        text = _("%(name)s is %(status)s on %(day)s") % {
            "name": about.name,
            "status": words.status_word(loss.status),
            "day": long_day(loss.on),
        }
        later = [f"{words.status_word(turn.status)} {long_day(turn.on)}" for turn in loss.follows]
        return "; ".join([text, *later])
    if about.status in {"suspended", "expired", "withdrawn"}:
        return _("%(name)s is already %(status)s.") % {"name": about.name, "status": words.status_word(about.status)}
    otherwise = about.otherwise(rule_id)
    return otherwise or _("No certificate moves by this deadline alone; it stays on record as missed.")


def _status(message: Message, about: Subject) -> Letter:
    """A status change that has happened."""
    move = message.payload["move"]
    if move not in about.moves:
        raise NotNeeded(gettext_noop("the move was taken back by a correction"))
    since = date.fromisoformat(move["date"])
    values = _move_values(about, move)
    sentence = _("%(name)s has been %(status)s since %(day)s, because %(because)s.") % values
    if about.loss and about.status == move["to"]:
        sentence = f"{sentence} {_loss_sentence(about, about.loss)}"
    head = words.filled(words.IS_SINCE[move["to"]], words.short_day(since, about.today))
    return _letter(
        message,
        about,
        subject=f"{head}: {about.short}. {capfirst(values['because'])}",
        sentence=sentence,
        rows=(
            (_("What"), _("Certificate %(number)s: %(before)s, now %(status)s") % values),
            (_("Since"), f"{words.full_day(since)}, {distance(since, about.today)}"),
            (_("Effect"), _status_effect(about, move)),
        ),
        rule=about.rule(move["rule"]),
    )


def _move_values(about: Subject, move: dict[str, Any]) -> dict[str, str]:
    """A move in the words that sentences are filled with."""
    return {
        "name": about.name,
        "number": about.number,
        "before": words.status_word(move["from"]),
        "status": words.status_word(move["to"]),
        "day": long_day(date.fromisoformat(move["date"])),
        "because": words.reason(move["reason"], about.labels(move["because"])),
    }


def _status_effect(about: Subject, move: dict[str, Any]) -> str:
    text = str(words.EFFECTS[move["to"]])
    if move["by"] == "rule" and about.differs:
        unconfirmed = _("The certification body has not confirmed it yet.")
        return f"{text} {unconfirmed}"
    return text


def _proposal(message: Message, about: Subject) -> Letter:
    """A move that the rules call for and that waits for a person."""
    move = message.payload["move"]
    if not about.proposed_status:
        raise NotNeeded(gettext_noop("the proposed move was decided or is no longer called for"))
    since = date.fromisoformat(move["date"])
    values = _move_values(about, move)
    return _letter(
        message,
        about,
        subject=_("Waits for your confirmation: %(short)s %(status)s since %(day)s")
        % {"short": about.short, "status": values["status"], "day": words.short_day(since, about.today)},
        sentence=_(
            "By the rules %(name)s has been %(status)s since %(day)s, because %(because)s; nobody has confirmed it yet."
        )
        % values,
        button=_("Confirm or decide"),
        rows=(
            (_("What"), _("Certificate %(number)s: %(before)s, proposed %(status)s") % values),
            (_("Since"), f"{words.full_day(since)}, {distance(since, about.today)}"),
            (_("Effect"), _("Nothing moves until somebody confirms it or records what the body decided.")),
        ),
        rule=about.rule(move["rule"]),
    )


def _correction(message: Message, about: Subject) -> Letter:
    """A fact recorded late has changed what was told before."""
    payload = message.payload
    since = date.fromisoformat(payload["from"])
    told = "; ".join(_told_moves(payload["undone"])) or _("no change of status")
    holds = "; ".join(_told_moves(payload["done"])) or _("no change of status")
    values = {
        "name": about.name,
        "status": words.status_word(payload["status"]),
        "day": long_day(since),
        "cause": _(LEARNED_LATER) if payload["cause"] == LEARNED_LATER else payload["cause"],
    }
    return _letter(
        message,
        about,
        subject=_("Corrected: %(short)s is %(status)s") % {"short": about.short, "status": values["status"]},
        sentence=_("What was recorded of %(name)s from %(day)s on has changed (%(cause)s); it is %(status)s now.")
        % values,
        rows=(
            (_("What"), _("Told before: %(told)s. Holds now: %(holds)s") % {"told": told, "holds": holds}),
            (pgettext("day", "From"), f"{words.full_day(since)}, {distance(since, about.today)}"),
            (_("Effect"), str(words.EFFECTS.get(payload["status"], values["status"]))),
        ),
        rule="",
    )


def _told_moves(moves: list[dict[str, Any]]) -> list[str]:
    return [f"{words.status_word(m['to'])}, {long_day(date.fromisoformat(m['date']))}" for m in moves]


def _evidence_expiry(message: Message, about: Subject) -> Letter:
    """Evidence that is valid for some days more, or no longer."""
    day = date.fromisoformat(message.payload["expires_on"])
    if about.status == "withdrawn":
        raise NotNeeded(gettext_noop("the evidence was withdrawn"))
    values = {"name": about.name, "day": long_day(day), "distance": distance(day, about.today)}
    over = day < about.today
    sentence = (
        _("“%(name)s” was valid until %(day)s, %(distance)s.")
        if over
        else _("“%(name)s” is valid until %(day)s, %(distance)s.")
    )
    subject = (
        _("Evidence has expired: %(name)s, valid until %(day)s")
        if over
        else _("Evidence expires %(distance)s: %(name)s")
    )
    return _letter(
        message,
        about,
        subject=subject % values,
        sentence=sentence % values,
        button=_("Open the evidence"),
        rows=(
            (_("What"), about.name),
            (_("Valid until"), f"{words.full_day(day)}, {distance(day, about.today)}"),
            (
                _("Effect"),
                _("An auditor will ask for a newer one. Send the newer file, or change the day on its page."),
            ),
        ),
        rule="",
    )


def _why(message: Message, about: Subject) -> str:
    """Why the reader gets this, and where that is changed."""
    role = message.payload.get("as")
    if role == "manager":
        return _("You get this as a manager of %s.") % message.organization
    if role == "rule":
        return _("You get this by an alert rule of %s; its officers can change it.") % message.organization
    if role == "test":
        return _("You asked for this mail on the page of alert rules.")
    if role == "owner":
        return _("You get this because it is in your name; hand it over on its page.")
    return _("You get this because nobody owns %s yet; name an owner on its page.") % about.number


def _grade(message: Message, about: Subject) -> Letter:
    """A grade that rose by rule, or several nonconformities that became one."""
    payload = message.payload
    since = date.fromisoformat(payload["on"])
    record = about.record(payload["subject"])
    values = {"nc": record.label, "grade": grade_in_words(payload["grade"], translation), "day": long_day(since)}
    if payload["sources"]:
        values["nc"] = about.labels(payload["sources"])
        sentence = _("%(nc)s together count as one %(grade)s nonconformity since %(day)s.") % values
        subject = _("Several became one %(grade)s: %(nc)s") % values
        record = about.record(payload["sources"][0])
    else:
        sentence = _("%(nc)s is %(grade)s since %(day)s, because it was still open at the next audit.") % values
        subject = _("Grade raised to %(grade)s: %(nc)s") % values
    loss = about.loss if about.loss and {payload["subject"], *payload["sources"]} & set(about.loss.because) else None
    return _letter(
        message,
        about,
        subject=f"{subject}, {about.short}",
        sentence=f"{sentence} {_loss_sentence(about, loss)}" if loss else sentence,
        button=_("Open %s") % record.label,
        url=page(record.url),
        rows=(
            (_("What"), f"{record.label}: {record.title}" if record.title else record.label),
            (_("Since"), f"{words.full_day(since)}, {distance(since, about.today)}"),
            (_("Effect"), _effect(about, loss, "")),
        ),
        rule=about.rule("nc.accumulation" if payload["sources"] else f"nc.{payload['before']}.closure"),
        urgency=(loss.on if loss else date.max, since),
    )


_WRITERS: dict[str, Callable[[Message], account_letters.PlainLetter]] = {
    kind: letters.write for letters in (audit_letters, import_letters) for kind in letters.KINDS
}
_KINDS: dict[str, Callable[[Message, Subject], Letter]] = {
    "deadline": _deadline,
    "test": _test,
    "status": _status,
    "proposal": _proposal,
    "grade": _grade,
    "correction": _correction,
    "evidence_expiry": _evidence_expiry,
}
