"""The loop that sends what waits: every organization in turn, each message under a lease."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_noop

from accounts import tenancy
from alerts.letters import Letter, NotNeeded, compose
from alerts.mail import Answer, Mail, PostOffice, envelope, lay_out, lay_out_digest
from records import outbox
from records.faults import faultpoint
from records.models import Message

TURN = 20
SUMMED_UP = 500
PER_RUN = 2000
GONE = gettext_noop("the recipient is no longer active")
NOT_WRITTEN = gettext_noop("could not be written")
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Delivered:
    """How a run went, in messages."""

    sent: int = 0
    later: int = 0
    dead: int = 0
    cancelled: int = 0

    def __str__(self) -> str:
        return f"{self.sent} sent, {self.later} to be tried again, {self.dead} refused, {self.cancelled} not needed"


def deliver(limit: int = PER_RUN) -> Delivered:
    """Send what waits, at most ``limit`` messages; any number of workers may do so at once.

    Organizations take turns of 20 messages. One whose connection breaks has to wait for the next run, and when
    the mail server cannot be reached at all the run ends.
    """
    done = Delivered()
    with tenancy.across_organizations(), PostOffice() as office:
        waiting = deque(outbox.organizations_waiting())
        while waiting and limit > 0:
            organization_id = waiting.popleft()
            messages = _claim(organization_id, limit)
            limit -= len(messages)
            answer = _turn(messages, office, done)
            if answer is Answer.CLOSED:
                break
            if answer is Answer.TAKEN and len(messages) >= TURN:
                waiting.append(organization_id)
    return done


def _turn(messages: Sequence[Message], office: PostOffice, done: Delivered) -> Answer:
    """Send one organization's turn; what could not be tried is given back."""
    posts = by_post(messages)
    for place, post in enumerate(posts):
        with tenancy.acting_in(post[0].organization_id):
            answer = _send(post[0], office, done) if len(post) == 1 else _send_digest(post, office, done)
        if answer in {Answer.BROKEN, Answer.CLOSED}:
            outbox.give_back([message for later in posts[place + 1 :] for message in later])
            return answer
    return Answer.TAKEN


def _claim(organization_id: int, limit: int) -> list[Message]:
    """The organization's next messages; where reminders go out once a day, as many as one mail may sum up."""
    messages = outbox.claim(organization_id, min(TURN, limit))
    if messages and messages[0].organization.daily_at is not None and limit > TURN:
        messages += outbox.claim(organization_id, min(SUMMED_UP, limit) - TURN)
    return messages


def by_post(messages: Sequence[Message]) -> list[list[Message]]:
    """What goes into one mail: a message of its own, or all reminders of one person where one mail a day is wanted."""
    posts: dict[object, list[Message]] = {}
    for message in messages:
        summed_up = message.kind == "deadline" and message.organization.daily_at is not None
        posts.setdefault(("digest", message.recipient_id) if summed_up else message.pk, []).append(message)
    return list(posts.values())


def _send(message: Message, office: PostOffice, done: Delivered) -> Answer:
    if not message.recipient.is_active:
        done.cancelled += outbox.cancel(message, GONE)
        return Answer.TAKEN
    if not outbox.is_leased(message, settings.EMAIL_TIMEOUT):
        log.warning("the lease of message %s ran out before it was sent", message.pk)
        return Answer.BROKEN
    try:
        letter = envelope(message, lay_out(message, secret=True))
        mail = lay_out(message)
    except NotNeeded as reason:
        done.cancelled += outbox.cancel(message, str(reason))
        return Answer.TAKEN
    except Exception as error:  # a message that cannot be written must not keep the others from being sent
        log.exception("message %s could not be written", message.pk)
        done.dead += outbox.dead(message, f"{NOT_WRITTEN}: {error}")
        return Answer.TAKEN
    answer, said = office.hand_in(letter)
    faultpoint("mail.after_250")
    _settle(message, mail, answer, said, done)
    return answer


def _send_digest(post: Sequence[Message], office: PostOffice, done: Delivered) -> Answer:
    """One mail that sums several reminders up; those that cannot or need not be told are settled on their own."""
    told = [(message, letter) for message in post if (letter := _write(message, done))]
    if len(told) < 2:
        return _send(told[0][0], office, done) if told else Answer.TAKEN
    told.sort(key=lambda pair: (pair[1].urgency, pair[0].pk))
    first = told[0][0]
    if not outbox.is_leased(first, settings.EMAIL_TIMEOUT):
        return Answer.BROKEN
    mail = lay_out_digest([letter for _message, letter in told])
    answer, said = office.hand_in(envelope(first, mail, digest=True))
    faultpoint("mail.after_250")
    for message, _letter in told:
        _settle(message, mail, answer, said, done)
    return answer


def _write(message: Message, done: Delivered) -> Letter | None:
    """The letter of one reminder of many; None after settling one that is not sent."""
    if not message.recipient.is_active:
        done.cancelled += outbox.cancel(message, GONE)
        return None
    try:
        return compose(message)
    except NotNeeded as reason:
        done.cancelled += outbox.cancel(message, str(reason))
    except Exception as error:  # a message that cannot be written must not keep the others from being sent
        log.exception("message %s could not be written", message.pk)
        done.dead += outbox.dead(message, f"{NOT_WRITTEN}: {error}")
    return None


def _settle(message: Message, mail: Mail, answer: Answer, said: str, done: Delivered) -> None:
    """Keep what came of a mail."""
    if answer is Answer.TAKEN:
        done.sent += outbox.sent(message, mail.subject, mail.text, mail.html)
        faultpoint("mail.after_sent")
    elif answer is Answer.REFUSED:
        done.dead += outbox.dead(message, said)
    else:
        done.later += outbox.failed(message, said, maybe_sent=answer is Answer.BROKEN)
